import assert from 'node:assert/strict';
import { Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  type BehaviorOptions,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  type IOrigin,
  OriginProtocolPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  VpcOrigin,
  VpcOriginEndpoint,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin, S3BucketOrigin, VpcOrigin as VpcOriginOf } from 'aws-cdk-lib/aws-cloudfront-origins';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { behavioursOf } from './edge-behaviours.ts';
import { Forwarding } from './forwarding.ts';
import { indexForPages } from './index-for-pages.ts';
import { services } from './services.ts';
import { originHeader } from './web-acl-rules.ts';
import type { WebBucket } from './web-bucket.ts';

export interface EdgeDistributionProps {
  readonly environment: Environment;
  readonly certificate: ICertificate;
  readonly webAclArn: string;
  readonly web: WebBucket;
  readonly api: RestApi;
  /** What the API wants to be told in {@link originHeader}. */
  readonly originSecret: string;
  readonly loadBalancer: IApplicationLoadBalancer;
}

/** The names that people and bots reach the exchange by. */
export function namesOf({ domain }: Environment): string[] {
  return [domain, `www.${domain}`, `api.${domain}`];
}

/** What every request enters by: pages from the bucket, the API of people by API Gateway, bots straight to the services. */
export class EdgeDistribution extends Construct {
  readonly distribution: Distribution;
  readonly #props: EdgeDistributionProps;

  constructor(scope: Construct, id: string, props: EdgeDistributionProps) {
    super(scope, id);
    this.#props = props;
    const { environment, certificate, webAclArn, web } = props;
    const forwarding = new Forwarding(this, 'Forwarding', environment);
    this.distribution = new Distribution(this, 'Distribution', {
      comment: prefixOf(environment),
      certificate,
      // A name belongs to one distribution: a standby's gets them when it takes over, by the runbook.
      domainNames: environment.role === 'primary' ? namesOf(environment) : undefined,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      webAclId: webAclArn,
      // The signature of a logged query is worthless by then: it holds for a minute at most.
      logBucket: web.accessLogs,
      logFilePrefix: 'cloudfront/',
      defaultRootObject: 'index.html',
      defaultBehavior: this.#pages(forwarding),
      additionalBehaviors: this.#behaviours(forwarding),
      errorResponses: errorsKept.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    });
    this.#acknowledge();
  }

  #pages({ pages }: Forwarding): BehaviorOptions {
    const indexForAll = new EdgeFunction(this, 'IndexForPages', {
      runtime: FunctionRuntime.JS_2_0,
      comment: 'The one page answers every path that is not a file',
      code: FunctionCode.fromInline(indexForPages),
    });
    return {
      ...pages,
      origin: S3BucketOrigin.withOriginAccessControl(this.#props.web.files),
      functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: indexForAll }],
    };
  }

  /** In the order of {@link behavioursOf}: CloudFront takes the first that matches. */
  #behaviours({ api, cached, direct }: Forwarding): Record<string, BehaviorOptions> {
    const origins = new Map([['api', this.#apiOrigin()]]);
    const originOf = (name: string) => {
      const origin = origins.get(name) ?? this.#serviceOrigin(name);
      origins.set(name, origin);
      return origin;
    };
    const entries = behavioursOf(services).map(({ pattern, to, cached: isCached }) => {
      if (to === 'api') return [pattern, { ...api, origin: originOf('api') }] as const;
      return [pattern, { ...(isCached ? cached : direct), origin: originOf(to.service) }] as const;
    });
    return Object.fromEntries(entries);
  }

  #apiOrigin(): IOrigin {
    const { api, originSecret } = this.#props;
    return new RestApiOrigin(api, { customHeaders: { [originHeader]: originSecret } });
  }

  /** One for each port of the load balancer. TLS ends at the edge; from there the way is AWS's own into the VPC. */
  #serviceOrigin(service: string): IOrigin {
    const { environment, loadBalancer } = this.#props;
    const port = services[service]?.port;
    assert(port, `${service} has no port of the load balancer in stacks/services.ts`);
    const origin = new VpcOrigin(this, `${service}-origin`, {
      vpcOriginName: `${prefixOf(environment)}-${service}`,
      endpoint: VpcOriginEndpoint.applicationLoadBalancer(loadBalancer),
      protocolPolicy: OriginProtocolPolicy.HTTP_ONLY,
      httpPort: port,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    });
    return VpcOriginOf.withVpcOrigin(origin, {
      domainName: loadBalancer.loadBalancerDnsName,
      readTimeout: Duration.seconds(30),
      // Below the 60 s after which the load balancer hangs up: CloudFront must never write to a dead connection.
      keepaliveTimeout: Duration.seconds(50),
    });
  }

  #acknowledge(): void {
    const elsewhere = 'It is there, in another stack; the check does not follow a reference to one.';
    const reasons = {
      'AwsSolutions-CFR1': 'Where the exchange may be used is for its operator to say, not for a template.',
      'cdk-validator-cfnguard::cloudfront_origin_failover_enabled_check':
        'The other origin is in the standby’s region, which two must not write for: Route 53 and a person switch to it.',
      'cdk-validator-cfnguard::cloudfront_custom_ssl_certificate_check': elsewhere,
      'cdk-validator-cfnguard::cloudfront_sni_enabled_check': elsewhere,
      'Annotation::@aws-cdk/aws-cloudfront:emptyDomainNames':
        'A standby’s distribution gets the names when it takes over, by the runbook.',
    };
    for (const [id, reason] of Object.entries(reasons)) acknowledge(this.distribution, reason, id);
  }
}

/** CloudFront would tell these to the next for ten seconds, whatever a cache policy says: one client's to all others. */
const errorsKept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
