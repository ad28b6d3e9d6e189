import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { Api } from './api.ts';
import { AuthorizerFunction } from './authorizer-function.ts';
import { EdgeDistribution } from './distribution.ts';
import { DnsRecords } from './dns-records.ts';
import type { EdgeGlobalStack } from './edge-global-stack.ts';
import { WebAcl } from './web-acl.ts';
import { WebBucket } from './web-bucket.ts';

export interface EdgeStackProps extends StackProps {
  readonly environment: Environment;
  readonly peer?: Environment;
  readonly vpc: IVpc;
  readonly securityGroups: { readonly alb: ISecurityGroup; readonly functions: ISecurityGroup };
  readonly balancing: { readonly loadBalancer: IApplicationLoadBalancer };
  readonly global: Pick<EdgeGlobalStack, 'certificate' | 'webAclArn'>;
}

export interface PagesOutputs {
  readonly distributionId: CfnOutput;
  /** By CloudFront's own name of it, which a standby's has too. */
  readonly url: CfnOutput;
}

/** Everything between people, bots and the private load balancer. */
export class EdgeStack extends Stack {
  readonly distribution: Distribution;
  readonly api: RestApi;
  readonly webBucket: IBucket;
  readonly authorizer: Alias;
  /** What a release of the pages needs to know. */
  readonly pages: PagesOutputs;
  /** Of a primary that has a standby. */
  readonly healthCheckId?: string;

  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    const { environment, peer, vpc, securityGroups, balancing, global } = props;
    const { loadBalancer } = balancing;
    const originSecret = this.#originSecret();
    const web = new WebBucket(this, 'Web', environment);
    this.webBucket = web.files;
    this.authorizer = new AuthorizerFunction(this, 'Authorizer', {
      environment,
      vpc,
      securityGroup: securityGroups.functions,
      loadBalancer,
    }).alias;
    const { arn } = new WebAcl(this, 'Firewall', { environment, scope: 'REGIONAL', originSecret });
    this.api = new Api(this, 'Api', {
      environment,
      vpc,
      loadBalancer,
      loadBalancerGroup: securityGroups.alb,
      authorizer: this.authorizer,
      webAclArn: arn,
    }).api;
    this.distribution = new EdgeDistribution(this, 'Edge', {
      environment,
      certificate: global.certificate,
      webAclArn: global.webAclArn,
      web,
      api: this.api,
      originSecret,
      loadBalancer,
    }).distribution;
    const { distributionId, distributionDomainName } = this.distribution;
    this.pages = {
      distributionId: new CfnOutput(this, 'DistributionId', { value: distributionId }),
      url: new CfnOutput(this, 'PagesUrl', { value: `https://${distributionDomainName}` }),
    };
    const { healthCheckId } = new DnsRecords(this, 'Dns', {
      environment,
      peer,
      distribution: this.distribution,
    });
    this.healthCheckId = healthCheckId;
  }

  /**
   * What CloudFront says to the API, so that nobody else reaches it. CloudFormation puts it into both; who may read
   * their configuration may read it, and it opens nothing but the way around CloudFront.
   */
  #originSecret(): string {
    const secret = new Secret(this, 'OriginSecret', {
      description: 'What CloudFront tells API Gateway, which lets in nobody else',
      generateSecretString: { excludePunctuation: true, passwordLength: 48 },
    });
    acknowledge(
      secret,
      'CloudFormation writes it to two places: it is changed by a release, not by itself.',
      'AwsSolutions-SMG4',
      'NIST.800.53.R5-SecretsManagerRotationEnabled',
    );
    acknowledge(
      secret,
      'Both places keep it in clear, for whoever may read the configuration.',
      'NIST.800.53.R5-SecretsManagerUsingKMSKey',
    );
    return secret.secretValue.unsafeUnwrap();
  }
}
