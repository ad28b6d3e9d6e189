import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AuthorizationType,
  type CfnRestApi,
  EndpointType,
  LogGroupLogDestination,
  MethodLoggingLevel,
  RequestAuthorizer,
  RequestValidator,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import type { Routes } from '#platform/routes.ts';
import { acknowledge } from './acknowledge.ts';
import { accessLogFormat } from './api-access-log.ts';
import { ApiLink, type ApiLinkProps, pathParameters } from './api-link.ts';
import { addRefusals } from './api-refusals.ts';
import { throughApi } from './edge-behaviours.ts';
import { services } from './services.ts';

/** Requests a second to all of the API together; beyond, API Gateway answers 429. An account has 10,000. */
const rateMax = 1_000;
/** Requests that may come at once, above the rate. */
const burstMax = 2_000;

export interface ApiProps extends ApiLinkProps {
  /** Reads access tokens. */
  readonly authorizer: IFunction;
  readonly webAclArn: string;
}

/**
 * The API of people, in API Gateway: a resource and method for each of their routes, checked by the authorizer and led
 * through a VPC link to the service's port of the private load balancer.
 */
export class Api extends Construct {
  readonly api: RestApi;
  readonly #props: ApiProps;
  readonly #authorizer: RequestAuthorizer;
  readonly #validator: RequestValidator;

  constructor(scope: Construct, id: string, props: ApiProps) {
    super(scope, id);
    this.#props = props;
    this.api = this.#api(props.environment);
    this.#authorizer = this.#asking(props.authorizer);
    this.#validator = new RequestValidator(this, 'Validator', {
      restApi: this.api,
      validateRequestParameters: true,
      validateRequestBody: true,
    });
    this.#methods();
    addRefusals(this.api);
    this.#executionLog(props.environment);
    this.#usagePlan(props.environment);
    new CfnWebACLAssociation(this, 'Firewall', {
      resourceArn: this.api.deploymentStage.stageArn,
      webAclArn: props.webAclArn,
    });
    this.#acknowledge();
  }

  #api(environment: Environment): RestApi {
    const accessLog = new LogGroup(this, 'AccessLog', {
      logGroupName: `/apigateway/${prefixOf(environment)}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const api = new RestApi(this, 'Api', {
      restApiName: `${prefixOf(environment)}-api`,
      endpointTypes: [EndpointType.REGIONAL], // CloudFront stands before it already
      cloudWatchRole: true,
      deployOptions: {
        stageName: environment.name,
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat,
        loggingLevel: MethodLoggingLevel.ERROR,
        metricsEnabled: true,
        tracingEnabled: true,
        throttlingRateLimit: rateMax,
        throttlingBurstLimit: burstMax,
      },
    });
    const resource = api.node.defaultChild as CfnRestApi;
    resource.securityPolicy = SecurityPolicy.TLS13_1_2_PFS_PQ_2025_09;
    resource.endpointAccessMode = 'STRICT'; // the name that TLS was opened for must be the one that is asked for
    return api;
  }

  #asking(handler: IFunction): RequestAuthorizer {
    return new RequestAuthorizer(this, 'Authorizer', {
      handler,
      identitySources: ['method.request.header.Authorization'],
      // Each request is asked about anew: a token that is over is refused at once, and a policy is for one method alone.
      resultsCacheTtl: Duration.seconds(0),
    });
  }

  #methods(): void {
    const link = new ApiLink(this, 'Link', this.#props);
    for (const [name, { routes = {} }] of Object.entries(services))
      for (const route of Object.values(routes))
        if (throughApi(route, routes)) this.#method(name, route, link);
  }

  #method(service: string, route: Routes[string], link: ApiLink): void {
    const { path, names } = pathParameters(route.path);
    const needsToken = route.security === 'JWT';
    const headers = needsToken ? ['header.Authorization'] : [];
    const required = [...names.map((name) => `path.${name}`), ...headers];
    const method = this.api.root
      .resourceForPath(path)
      .addMethod(route.method, link.integration(service, route), {
        ...(needsToken
          ? { authorizationType: AuthorizationType.CUSTOM, authorizer: this.#authorizer }
          : { authorizationType: AuthorizationType.NONE }),
        requestParameters: Object.fromEntries(required.map((name) => [`method.request.${name}`, true])),
        requestValidator: this.#validator,
      });
    link.target(method);
    if (needsToken) return;
    const reason = `${route.method} ${path} is for those who have no token yet, by its security in routes.ts.`;
    acknowledge(method, reason, 'AwsSolutions-APIG4');
  }

  /** API Gateway would make it itself, to be kept for good. */
  #executionLog({ name, logRetentionDays }: Environment): void {
    const log = new LogGroup(this, 'ExecutionLog', {
      logGroupName: `API-Gateway-Execution-Logs_${this.api.restApiId}/${name}`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api.deploymentStage.node.addDependency(log);
  }

  /** For partners who are given a key of API Gateway's; all others share the stage's limits. */
  #usagePlan(environment: Environment): void {
    this.api.addUsagePlan('Partners', {
      name: `${prefixOf(environment)}-partners`,
      throttle: { rateLimit: rateMax / 10, burstLimit: burstMax / 10 },
      apiStages: [{ api: this.api, stage: this.api.deploymentStage }],
    });
  }

  #acknowledge(): void {
    acknowledge(
      this.api,
      'People log in at the service accounts, not at Cognito; the authorizer reads the tokens of accounts.',
      'AwsSolutions-COG4',
    );
    acknowledge(
      this.api.node.findChild('CloudWatchRole'),
      'API Gateway takes this role for all of the account, and checks that it may do what this policy says.',
      'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
    );
    acknowledge(
      this.#props.authorizer,
      'API Gateway alone may call it, for this authorizer; the check does not read a name that is put together.',
      'cdk-validator-cfnguard::lambda_function_public_access_prohibited_check',
    );
    acknowledge(
      this.api.deploymentStage,
      'What people are told is theirs alone: nothing of it is cached.',
      'NIST.800.53.R5-APIGWCacheEnabledAndEncrypted',
    );
    acknowledge(
      this.api.deploymentStage,
      'Its certificate would be shown to a load balancer that speaks plain HTTP, inside the VPC.',
      'NIST.800.53.R5-APIGWSSLEnabled',
    );
  }
}
