import { Stack, type StackProps } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { WebAcl } from './web-acl.ts';

export interface EdgeGlobalStackProps extends StackProps {
  readonly environment: Environment;
}

/** What CloudFront takes from us-east-1 alone, wherever the environment is: its certificate and its firewall. */
export class EdgeGlobalStack extends Stack {
  readonly certificate: ICertificate;
  readonly webAclArn: string;

  constructor(scope: Construct, id: string, props: EdgeGlobalStackProps) {
    super(scope, id, props);
    const { environment } = props;
    this.certificate = this.#certificate(environment);
    this.webAclArn = new WebAcl(this, 'Firewall', { environment, scope: 'CLOUDFRONT' }).arn;
  }

  /** Renewed by itself for as long as its record stays in the zone. */
  #certificate({ domain, hostedZone }: Environment): Certificate {
    const zone = HostedZone.fromHostedZoneAttributes(this, 'Zone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    return new Certificate(this, 'Certificate', {
      domainName: domain,
      subjectAlternativeNames: [`*.${domain}`],
      validation: CertificateValidation.fromDns(zone),
    });
  }
}
