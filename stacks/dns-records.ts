import { Duration } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { CfnRecordSet, HealthCheck, HealthCheckType } from 'aws-cdk-lib/aws-route53';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { namesOf } from './distribution.ts';

export interface DnsRecordsProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly distribution: Distribution;
}

/**
 * The exchange's names. With a peer each is there twice: Route 53 answers with the primary while its health check says
 * that it is well, and with the standby otherwise, which answers once a promotion has moved the names to it.
 */
export class DnsRecords extends Construct {
  /** Of a primary that has a standby. */
  readonly healthCheckId?: string;

  constructor(scope: Construct, id: string, props: DnsRecordsProps) {
    super(scope, id);
    const { environment, peer, distribution } = props;
    if (peer && environment.role === 'primary') this.healthCheckId = this.#healthCheck(distribution);
    const failover = peer && this.#failover(environment);
    // The library's own records insist on what Route 53 refuses for CloudFront: evaluating the target's health.
    for (const [index, name] of namesOf(environment).entries())
      for (const type of ['A', 'AAAA'] as const)
        new CfnRecordSet(this, `${['Root', 'Www', 'Api'][index]}${type}`, {
          hostedZoneId: environment.hostedZone.id,
          name,
          type,
          aliasTarget: {
            dnsName: distribution.distributionDomainName,
            hostedZoneId: CloudFrontTarget.CLOUDFRONT_ZONE_ID,
            evaluateTargetHealth: false,
          },
          ...failover,
        });
  }

  #failover({ role }: Environment) {
    return role === 'primary'
      ? { failover: 'PRIMARY', setIdentifier: 'primary', healthCheckId: this.healthCheckId }
      : { failover: 'SECONDARY', setIdentifier: 'standby' };
  }

  /** By the distribution's own name, which stays the primary's when the exchange's names move. */
  #healthCheck(distribution: Distribution): string {
    const check = new HealthCheck(this, 'Primary', {
      type: HealthCheckType.HTTPS,
      fqdn: distribution.distributionDomainName,
      port: 443,
      enableSNI: true,
      resourcePath: '/api/v3/ping',
      requestInterval: Duration.seconds(30),
      // A failover costs more than an outage of a minute and a half that mends itself.
      failureThreshold: 3,
    });
    return check.healthCheckId;
  }
}
