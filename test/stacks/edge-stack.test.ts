import { describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import type { Environment } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { securityHeaders } from '#services/web/headers.ts';
import { behavioursOf, botPrefixes } from '#stacks/edge-behaviours.ts';
import { EdgeGlobalStack } from '#stacks/edge-global-stack.ts';
import { EdgeStack } from '#stacks/edge-stack.ts';
import { indexForPages } from '#stacks/index-for-pages.ts';
import { services } from '#stacks/services.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

/** The edge of an environment, before a plain network and load balancer. */
function edgeOf(environment: Environment, peer?: Environment): Template {
  const app = appWithFlags();
  const { account, region, availabilityZones } = environment;
  const network = new Stack(app, 'Network', { env: { account, region } });
  const tiers = [SubnetType.PUBLIC, SubnetType.PRIVATE_WITH_EGRESS];
  const vpc = new Vpc(network, 'Vpc', {
    availabilityZones: [...availabilityZones],
    subnetConfiguration: tiers.map((subnetType) => ({ name: subnetType, subnetType })),
  });
  const alb = new SecurityGroup(network, 'Alb', { vpc });
  const functions = new SecurityGroup(network, 'Functions', { vpc });
  const loadBalancer = new ApplicationLoadBalancer(network, 'LoadBalancer', { vpc, securityGroup: alb });
  const global = new EdgeGlobalStack(app, 'EdgeGlobal', {
    env: { account, region: 'us-east-1' },
    crossRegionReferences: true,
    environment,
  });
  const stack = new EdgeStack(app, 'Edge', {
    env: { account, region },
    crossRegionReferences: true,
    environment,
    peer,
    vpc,
    securityGroups: { alb, functions },
    balancing: { loadBalancer },
    global,
  });
  return Template.fromStack(stack);
}

const edge = edgeOf(prod, dr);
const standby = edgeOf(dr, prod);
const alone = edgeOf(dev);
const templates = [edge, standby, alone];

const only = (template: Template, type: string) => {
  const all = propertiesOf(template, type);
  expect(all).toHaveLength(1);
  return all[0];
};
const distribution = (template = edge) => only(template, 'AWS::CloudFront::Distribution').DistributionConfig;

interface CacheBehaviour {
  readonly PathPattern: string;
  readonly TargetOriginId: string;
  readonly CachePolicyId: string | { readonly Ref: string };
  readonly OriginRequestPolicyId?: string | { readonly Ref: string };
  readonly ViewerProtocolPolicy: string;
  readonly AllowedMethods: readonly string[];
}
interface Origin {
  readonly Id: string;
  readonly OriginPath?: unknown;
  readonly VpcOriginConfig?: { readonly VpcOriginId: { readonly 'Fn::GetAtt': [string, string] } };
}
const behaviours: readonly CacheBehaviour[] = distribution().CacheBehaviors;
const origins: readonly Origin[] = distribution().Origins;

/** CloudFront's rule: the first pattern that matches, `*` being any characters and `?` any one. */
function behaviourFor(path: string): CacheBehaviour | undefined {
  return behaviours.find(({ PathPattern }) => {
    const escaped = PathPattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(path);
  });
}

/** Where CloudFront sends a path: the API, a port of the load balancer, or the pages. */
function wayOf(path: string): 'api' | 'pages' | number {
  const behaviour = behaviourFor(path);
  if (!behaviour) return 'pages';
  const origin = origins.find(({ Id }) => Id === behaviour.TargetOriginId)!;
  if (!origin.VpcOriginConfig) return 'api';
  const [id] = origin.VpcOriginConfig.VpcOriginId['Fn::GetAtt'];
  const { VpcOriginEndpointConfig } = edge.findResources('AWS::CloudFront::VpcOrigin')[id]!.Properties;
  expect(VpcOriginEndpointConfig.OriginProtocolPolicy).toBe('http-only');
  return VpcOriginEndpointConfig.HTTPPort;
}

const managedCachingDisabled = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const isCached = (behaviour: CacheBehaviour) => behaviour.CachePolicyId !== managedCachingDisabled;

const routes = Object.entries(services).flatMap(([service, { routes = {}, port }]) =>
  Object.values(routes).map((route) => ({ service, port, routes, ...route })),
);
const examplePath = (path: string) =>
  path
    .replaceAll(/:\w+(?:\{(\w*).*?\})?/g, (_, beginning = '') => `${beginning}17`)
    .replaceAll('*', 'btcusdt@trade');
const hasPeople = (of: (typeof routes)[number]) =>
  Object.values(of.routes).some(({ security }) => security === 'JWT');

interface Method {
  readonly HttpMethod: string;
  readonly ResourceId: { readonly Ref: string };
  readonly AuthorizationType: string;
  readonly AuthorizerId?: unknown;
  readonly RequestParameters?: Readonly<Record<string, boolean>>;
  readonly Integration: Readonly<Record<string, unknown>> & {
    readonly Uri: { 'Fn::Join': [string, string[]] };
  };
}

/** The methods of the API by `METHOD /path`, as its resources put the path together. */
const methods = new Map<string, Method>(
  (propertiesOf(edge, 'AWS::ApiGateway::Method') as Method[]).map((method) => [
    `${method.HttpMethod} ${pathOf(method.ResourceId.Ref)}`,
    method,
  ]),
);

function pathOf(id: string): string {
  const { PathPart, ParentId } = edge.findResources('AWS::ApiGateway::Resource')[id]!.Properties;
  return `${ParentId.Ref ? pathOf(ParentId.Ref) : ''}/${PathPart}`;
}

describe('the way of a request', () => {
  for (const route of routes) {
    const { service, port, method, path, security } = route;
    const isSigned = security !== 'NONE' && security !== 'JWT';
    const toApi = security === 'JWT' || (security === 'NONE' && !route.upgrade && hasPeople(route));

    it(`${method} ${path} (${security}) leads to ${service}, ${toApi ? 'through the API' : 'straight'}`, () => {
      expect(wayOf(examplePath(path))).toBe(toApi ? 'api' : port);
      if (!toApi) {
        expect(behaviourFor(examplePath(path))!.AllowedMethods).toContain(method);
        return;
      }
      const parameter = path.replaceAll(/:(\w+)/g, '{$1}');
      const { AuthorizationType, AuthorizerId, Integration } = methods.get(`${method} ${parameter}`)!;
      expect(AuthorizationType).toBe(security === 'JWT' ? 'CUSTOM' : 'NONE');
      if (security === 'JWT')
        expect(AuthorizerId).toEqual({
          Ref: Object.keys(edge.findResources('AWS::ApiGateway::Authorizer'))[0],
        });
      expect(Integration).toMatchObject({
        Type: 'HTTP_PROXY',
        ConnectionType: 'VPC_LINK',
        IntegrationHttpMethod: method,
        IntegrationTarget: expect.objectContaining({ 'Fn::GetStackOutput': expect.anything() }),
      });
      expect(Integration.Uri['Fn::Join'][1].at(-1)).toBe(`:${port}${parameter}`);
    });

    if (isSigned || route.upgrade)
      it(`${method} ${path} passes as it was written, uncached`, () => {
        const { CachePolicyId, OriginRequestPolicyId } = behaviourFor(examplePath(path))!;
        expect(CachePolicyId).toBe(managedCachingDisabled);
        const id = (OriginRequestPolicyId as { Ref: string }).Ref;
        const policy = edge.findResources('AWS::CloudFront::OriginRequestPolicy')[id]!.Properties;
        expect(policy.OriginRequestPolicyConfig).toMatchObject({
          HeadersConfig: { HeaderBehavior: 'allViewerAndWhitelistCloudFront' },
          CookiesConfig: { CookieBehavior: 'all' },
          QueryStringsConfig: { QueryStringBehavior: 'all' },
        });
      });
  }

  it('has no method in the API that no route declares', () => {
    const declared = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
    for (const method of methods.keys()) expect(declared).toContain(method);
  });

  it('hands path parameters on', () => {
    for (const { RequestParameters = {}, Integration } of methods.values())
      for (const name of Object.keys(RequestParameters).filter((name) => name.includes('.path.')))
        expect(Integration.RequestParameters).toHaveProperty([name.replace('method', 'integration')], name);
  });

  it('of a listen key is that of its service alone, and of the streams when streams are asked for with it', () => {
    expect(wayOf('/ws/U0123')).toBe(services.orders!.port);
    expect(wayOf('/ws/U0123/btcusdt@trade')).toBe(services['market-data']!.port);
    expect(wayOf('/ws/btcusdt@trade/U0123')).toBe(services['market-data']!.port);
  });

  it('is that of the API which an unknown path belongs to, and of the pages otherwise', () => {
    expect(wayOf('/api/v3/unknown')).toBe(services.orders!.port);
    expect(wayOf('/sapi/v1/unknown')).toBe(services.orders!.port);
    expect(wayOf('/api/unknown')).toBe('api');
    expect(wayOf('/trade/BTCUSDT')).toBe('pages');
    expect(wayOf('/')).toBe('pages');
  });

  it('leads to the one page for every path that is not a file', () => {
    const handler = new Function(`${indexForPages}; return handler`)();
    const uriFor = (uri: string) => handler({ request: { uri } }).uri;
    expect(uriFor('/trade/BTCUSDT')).toBe('/index.html');
    expect(uriFor('/v1.2/about')).toBe('/index.html');
    expect(uriFor('/assets/app.js')).toBe('/assets/app.js');
  });

  it('fits the quota, and says how when it does not', () => {
    expect(behaviours.length + 1).toBeLessThanOrEqual(75);
    const many = Object.fromEntries(
      Array.from({ length: 75 }, (_, index) => [
        `one${index}`,
        { method: 'GET', path: `/api/v3/one${index}`, security: 'NONE', weight: 1 } as const,
      ]),
    );
    const tooMany = { ...services, 'market-data': { ...services['market-data']!, routes: many } };
    expect(() => behavioursOf(tooMany)).toThrow(/CloudFront allows 75 in all; group paths/);
  });

  it('cannot be two for one path', () => {
    const clash = { method: 'POST', path: '/api/users', security: 'TRADE', weight: 1 } as const;
    const twoWays = { ...services, orders: { ...services.orders!, routes: { clash } } };
    expect(() => behavioursOf(twoWays)).toThrow('/api/users would have to lead another way');
  });

  it('is that of the narrower path, whichever service declares it first', () => {
    const own = {
      method: 'GET',
      path: '/ws/account',
      security: 'USER_STREAM',
      weight: 1,
      upgrade: true,
    } as const;
    const both = { ...services, orders: { ...services.orders!, routes: { own } } };
    const patterns = behavioursOf(both).map(({ pattern }) => pattern);
    expect(patterns.indexOf('/ws/account')).toBeLessThan(patterns.indexOf('/ws/*'));
    expect(patterns).toContain('/ws/account');
  });

  it('cannot be taken by another service’s wildcard', () => {
    const wild = { method: 'GET', path: '/api/*', security: 'NONE', weight: 1, upgrade: true } as const;
    const taken = { ...services, 'market-data': { ...services['market-data']!, routes: { wild } } };
    expect(() => behavioursOf(taken)).toThrow(/taken by another pattern/);
  });
});

describe('what is cached', () => {
  const cached = behaviours.filter(isCached);

  it('is public market data and nothing else', () => {
    expect(cached.length).toBeGreaterThan(0);
    for (const { PathPattern } of cached) {
      const answered = routes.filter(({ path }) => examplePath(path) === examplePath(PathPattern));
      expect(answered.length).toBeGreaterThan(0);
      for (const { service, method, security, upgrade } of answered)
        expect({ service, method, security, upgrade }).toEqual({
          service: 'market-data',
          method: 'GET',
          security: 'NONE',
          upgrade: undefined,
        });
    }
  });

  it('is neither the time nor what tells whether the exchange is well', () => {
    for (const path of ['/api/v3/time', '/api/v3/ping']) expect(isCached(behaviourFor(path)!)).toBe(false);
  });

  it('is kept for one second, apart for each query', () => {
    const { CachePolicyConfig } = only(edge, 'AWS::CloudFront::CachePolicy');
    expect(CachePolicyConfig).toMatchObject({ MinTTL: 0, DefaultTTL: 1, MaxTTL: 1 });
    expect(CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin).toMatchObject({
      QueryStringsConfig: { QueryStringBehavior: 'all' },
      HeadersConfig: { HeaderBehavior: 'none' },
      CookiesConfig: { CookieBehavior: 'none' },
    });
    for (const { CachePolicyId } of cached)
      expect(CachePolicyId).toEqual({
        Ref: Object.keys(edge.findResources('AWS::CloudFront::CachePolicy'))[0],
      });
  });

  it('is no error', () => {
    for (const { ErrorCachingMinTTL } of distribution().CustomErrorResponses)
      expect(ErrorCachingMinTTL).toBe(0);
    for (const { ResponsePagePath } of distribution().CustomErrorResponses)
      expect(ResponsePagePath).toBeUndefined();
  });

  it('is nothing in API Gateway', () => {
    expect(only(edge, 'AWS::ApiGateway::Stage').CacheClusterEnabled ?? false).toBe(false);
    expect(only(edge, 'AWS::ApiGateway::Authorizer').AuthorizerResultTtlInSeconds).toBe(0);
  });
});

describe('transport', () => {
  it('is TLS 1.2 or newer to every client', () => {
    for (const template of templates) {
      const { ViewerCertificate, HttpVersion } = distribution(template);
      expect(ViewerCertificate).toMatchObject({
        MinimumProtocolVersion: 'TLSv1.2_2021',
        SslSupportMethod: 'sni-only',
      });
      expect(HttpVersion).toBe('http2and3');
    }
    for (const { ViewerProtocolPolicy } of behaviours) expect(ViewerProtocolPolicy).toBe('https-only');
    expect(distribution().DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
  });

  it('is TLS to the API', () => {
    const toApi = distribution().Origins.find(({ OriginPath }: Origin) => OriginPath);
    expect(toApi.CustomOriginConfig).toEqual({
      OriginProtocolPolicy: 'https-only',
      OriginSSLProtocols: ['TLSv1.2'],
    });
    expect(only(edge, 'AWS::ApiGateway::RestApi')).toMatchObject({
      EndpointConfiguration: { Types: ['REGIONAL'] },
      SecurityPolicy: expect.stringMatching(/^SecurityPolicy_TLS13_1_2/),
      EndpointAccessMode: 'STRICT',
    });
  });

  it('has browsers keep to TLS, to the type they are told, and out of frames', () => {
    const policies = propertiesOf(edge, 'AWS::CloudFront::ResponseHeadersPolicy');
    expect(policies).toHaveLength(3);
    for (const { ResponseHeadersPolicyConfig } of policies) {
      const { SecurityHeadersConfig, CustomHeadersConfig } = ResponseHeadersPolicyConfig;
      expect(SecurityHeadersConfig).toMatchObject({
        StrictTransportSecurity: { IncludeSubdomains: true, Preload: true, Override: true },
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'DENY' },
        ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin' },
      });
      expect(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy).toContain(
        "frame-ancestors 'none'",
      );
      expect(CustomHeadersConfig.Items[0].Header).toBe('Permissions-Policy');
    }
  });

  it('sends with the pages what npm start sends with them, so that no page breaks here first', () => {
    const { Ref } = distribution().DefaultCacheBehavior.ResponseHeadersPolicyId;
    const policy = edge.findResources('AWS::CloudFront::ResponseHeadersPolicy')[Ref]!.Properties;
    const { SecurityHeadersConfig: sent, CustomHeadersConfig } = policy.ResponseHeadersPolicyConfig;
    const names = ['', 'www.', 'api.'].map((name) => `wss://${name}${prod.domain}`);
    expect({
      'Content-Security-Policy': sent.ContentSecurityPolicy.ContentSecurityPolicy,
      [CustomHeadersConfig.Items[0].Header]: CustomHeadersConfig.Items[0].Value,
      'Referrer-Policy': sent.ReferrerPolicy.ReferrerPolicy,
      'Strict-Transport-Security': `max-age=${sent.StrictTransportSecurity.AccessControlMaxAgeSec}; includeSubDomains; preload`,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': sent.FrameOptions.FrameOption,
    }).toEqual(securityHeaders(names));
  });

  it('does not tell one client what weight was counted for another', () => {
    const policies = edge.findResources('AWS::CloudFront::ResponseHeadersPolicy');
    for (const behaviour of distribution().CacheBehaviors.filter(isCached)) {
      const { RemoveHeadersConfig } =
        policies[behaviour.ResponseHeadersPolicyId.Ref]!.Properties.ResponseHeadersPolicyConfig;
      expect(RemoveHeadersConfig.Items).toContainEqual({ Header: 'X-MBX-USED-WEIGHT-1M' });
    }
  });
});

describe('the firewall', () => {
  const rules = () => only(edge, 'AWS::WAFv2::WebACL').Rules;

  it('stands before CloudFront and before the API', () => {
    expect(distribution().WebACLId).toHaveProperty(['Fn::GetStackOutput', 'Region'], 'us-east-1');
    expect(only(edge, 'AWS::WAFv2::WebACLAssociation').WebACLArn).toHaveProperty('Fn::GetAtt');
    expect(only(edge, 'AWS::WAFv2::WebACL').Scope).toBe('REGIONAL');
  });

  it('lets nobody into the API but CloudFront, which says a secret that is in no template', () => {
    const [first] = rules();
    const { FieldToMatch, SearchString, PositionalConstraint } =
      first.Statement.NotStatement.Statement.ByteMatchStatement;
    expect([first.Action, PositionalConstraint]).toEqual([{ Block: {} }, 'EXACTLY']);
    const { OriginCustomHeaders } = distribution().Origins.find(({ OriginPath }: Origin) => OriginPath);
    expect(OriginCustomHeaders).toEqual([
      { HeaderName: FieldToMatch.SingleHeader.Name, HeaderValue: SearchString },
    ]);
    expect(SearchString['Fn::Join'][1][0]).toBe('{{resolve:secretsmanager:');
    expect(only(edge, 'AWS::SecretsManager::Secret').SecretString).toBeUndefined();
  });

  it('counts a client before the API by the address that CloudFront wrote down', () => {
    const rate = rules().find(({ Name }: { Name: string }) => Name === 'RequestsPerAddress');
    expect(rate.Statement.RateBasedStatement).toMatchObject({
      Limit: prod.requestsPer5MinutesMax,
      AggregateKeyType: 'FORWARDED_IP',
    });
  });

  it('takes paths of bots for such, and those of people not', () => {
    for (const { path, security, upgrade } of routes) {
      const isOfBots = botPrefixes.some((prefix) => examplePath(path).startsWith(prefix));
      if (security === 'JWT') expect([path, isOfBots]).toEqual([path, false]);
      else if (security !== 'NONE' || upgrade) expect([path, isOfBots]).toEqual([path, true]);
    }
    for (const { path } of routes.filter(({ service }) => service === 'market-data'))
      expect(botPrefixes.some((prefix) => path.startsWith(prefix))).toBe(true);
  });
});

describe('the API', () => {
  it('is asked in the words of the services when it refuses', () => {
    const answers = propertiesOf(edge, 'AWS::ApiGateway::GatewayResponse');
    const status = Object.fromEntries(
      answers.map(({ ResponseType, StatusCode }) => [ResponseType, StatusCode]),
    );
    expect(status).toEqual({
      UNAUTHORIZED: '401',
      ACCESS_DENIED: '401',
      AUTHORIZER_FAILURE: '503',
      AUTHORIZER_CONFIGURATION_ERROR: '503',
      MISSING_AUTHENTICATION_TOKEN: '404',
    });
    for (const { ResponseTemplates } of answers)
      expect(JSON.parse(ResponseTemplates['application/json'])).toEqual({
        code: expect.any(String),
        message: expect.any(String),
      });
  });

  it('asks the authorizer’s live version, once for each request', () => {
    const [alias] = Object.keys(edge.findResources('AWS::Lambda::Alias'));
    expect(only(edge, 'AWS::ApiGateway::Authorizer')).toMatchObject({
      Type: 'REQUEST',
      IdentitySource: 'method.request.header.Authorization',
    });
    const { FunctionName, SourceArn } = only(edge, 'AWS::Lambda::Permission');
    expect(FunctionName).toEqual({ Ref: alias });
    expect(JSON.stringify(SourceArn)).toContain('/authorizers/');
  });

  it('checks parameters, limits requests, and is named after the environment', () => {
    for (const method of propertiesOf(edge, 'AWS::ApiGateway::Method'))
      expect(method.RequestValidatorId).toBeDefined();
    const { StageName, MethodSettings, TracingEnabled } = only(edge, 'AWS::ApiGateway::Stage');
    expect([StageName, TracingEnabled]).toEqual(['prod', true]);
    expect(MethodSettings).toEqual([
      expect.objectContaining({ ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000, HttpMethod: '*' }),
    ]);
    expect(only(edge, 'AWS::ApiGateway::UsagePlan').ApiStages).toHaveLength(1);
  });

  it('reaches the load balancer’s ports of services and nothing else', () => {
    const ports = Object.values(services).flatMap(({ port }) => port ?? []);
    const rules = propertiesOf(edge, 'AWS::EC2::SecurityGroupEgress');
    expect(rules.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual(
      ports.map((port) => [port, port]),
    );
    for (const { DestinationSecurityGroupId } of rules) expect(DestinationSecurityGroupId).toBeDefined();
  });
});

const functionNamed = (name: string) =>
  propertiesOf(edge, 'AWS::Lambda::Function').find(({ FunctionName }) => FunctionName === name);

describe('the authorizer', () => {
  it('is in the VPC, and knows where the keys of accounts are and who signs', () => {
    const { Environment, VpcConfig, Runtime, Architectures, TracingConfig } =
      functionNamed('crossbook-prod-authorizer');
    expect([Runtime, Architectures, TracingConfig]).toEqual(['nodejs24.x', ['arm64'], { Mode: 'Active' }]);
    expect(VpcConfig.SubnetIds).toHaveLength(3);
    expect(Environment.Variables.TOKEN_ISSUER).toBe(`https://${prod.domain}`);
    expect(Environment.Variables.JWKS_URL['Fn::Join'][1].at(-1)).toBe(
      `:${services.accounts!.port}/.well-known/jwks.json`,
    );
  });

  it('is looked at before the first request goes to a new version, by a function that may call this version alone', () => {
    const [alias] = Object.values(edge.findResources('AWS::Lambda::Alias'));
    const { UpdatePolicy, Properties, DependsOn } = alias!;
    const hook: string = UpdatePolicy.CodeDeployLambdaAliasUpdate.BeforeAllowTrafficHook.Ref;
    expect(edge.findResources('AWS::Lambda::Function')[hook]!.Properties.FunctionName).toBe(
      'crossbook-prod-authorizer-check',
    );
    // CloudFormation changes the alias, which starts the deployment, only once the hook knows the version.
    expect(DependsOn).toContain(hook);
    const version = { Ref: Properties.FunctionVersion['Fn::GetAtt'][0] };
    const { Environment, Role } = functionNamed('crossbook-prod-authorizer-check');
    expect(Environment.Variables).toEqual({ NEW_VERSION: version });
    const role = edge.findResources('AWS::IAM::Role')[Role['Fn::GetAtt'][0]]!;
    const statements = role.Properties.Policies[0].PolicyDocument.Statement;
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: version,
    });
  });

  it('is released step by step, and taken back when it fails', () => {
    expect(only(edge, 'AWS::CodeDeploy::DeploymentGroup')).toMatchObject({
      DeploymentConfigName: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
      AutoRollbackConfiguration: {
        Enabled: true,
        Events: expect.arrayContaining(['DEPLOYMENT_STOP_ON_ALARM']),
      },
      AlarmConfiguration: { Enabled: true },
    });
  });

  it('may write its own log and nothing that is named', () => {
    const statements = propertiesOf(edge, 'AWS::IAM::Policy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const everywhere = statements.filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    for (const action of everywhere)
      expect(action).toMatch(/^(ec2:\w+(Address|Interface|Subnet)\w*|xray:Put\w+)$/);
    for (const { Action } of statements) expect(Action).not.toBe('*');
  });
});

describe('the buckets', () => {
  for (const [name, template] of Object.entries({ prod: edge, dr: standby, dev: alone }))
    it(`of ${name} are closed to the public and to plain HTTP, versioned and encrypted`, () => {
      const buckets = template.findResources('AWS::S3::Bucket');
      expect(Object.keys(buckets)).toHaveLength(2);
      for (const { Properties } of Object.values(buckets))
        expect(Properties).toMatchObject({
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          VersioningConfiguration: { Status: 'Enabled' },
          BucketEncryption: expect.anything(),
        });
      for (const { PolicyDocument } of propertiesOf(template, 'AWS::S3::BucketPolicy'))
        expect(PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Action: 's3:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
    });

  it('let this distribution alone read the pages', () => {
    const statements = propertiesOf(edge, 'AWS::S3::BucketPolicy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const readers = statements.filter(
      ({ Effect, Action }) => Effect === 'Allow' && Action === 's3:GetObject',
    );
    expect(readers).toHaveLength(1);
    expect(readers[0].Principal).toEqual({ Service: 'cloudfront.amazonaws.com' });
    expect(JSON.stringify(readers[0].Condition.StringEquals['AWS:SourceArn'])).toContain('distribution/');
    expect(only(edge, 'AWS::CloudFront::OriginAccessControl').OriginAccessControlConfig).toMatchObject({
      SigningBehavior: 'always',
      SigningProtocol: 'sigv4',
    });
  });
});

describe('logs', () => {
  it('say who asked CloudFront, the bucket of the pages, and the API', () => {
    expect(distribution().Logging.Bucket).toBeDefined();
    const logging = propertiesOf(edge, 'AWS::S3::Bucket').filter(
      ({ LoggingConfiguration }) => LoggingConfiguration,
    );
    expect(logging).toHaveLength(1);
    const { AccessLogSetting } = only(edge, 'AWS::ApiGateway::Stage');
    expect(AccessLogSetting.DestinationArn).toBeDefined();
    const line = JSON.parse(AccessLogSetting.Format);
    expect(line).toMatchObject({ status: '$context.status', account: '$context.authorizer.accountId' });
    expect(AccessLogSetting.Format).not.toMatch(/authorization"|header|querystring|\$context\.path/i);
  });

  it('are kept for as long as the environment says', () => {
    for (const [template, { logRetentionDays }] of [
      [edge, prod],
      [alone, dev],
    ] as const) {
      const groups = propertiesOf(template, 'AWS::Logs::LogGroup');
      expect(groups).toHaveLength(5);
      for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(logRetentionDays);
    }
  });
});

describe('the names', () => {
  const records = (template: Template) => propertiesOf(template, 'AWS::Route53::RecordSet');
  const wanted = (domain: string) =>
    [domain, `www.${domain}`, `api.${domain}`].flatMap((name) => [
      [name, 'A'],
      [name, 'AAAA'],
    ]);

  for (const [name, template, { domain }] of [
    ['prod', edge, prod],
    ['dr', standby, dr],
    ['dev', alone, dev],
  ] as const)
    it(`of ${name} are the domain, www and api, as aliases of its distribution for IPv4 and IPv6`, () => {
      expect(records(template).map(({ Name, Type }) => [Name, Type])).toEqual(wanted(domain));
      const [id] = Object.keys(template.findResources('AWS::CloudFront::Distribution'));
      for (const { AliasTarget } of records(template)) {
        expect(AliasTarget.DNSName).toEqual({ 'Fn::GetAtt': [id, 'DomainName'] });
        expect(AliasTarget.EvaluateTargetHealth).toBe(false);
      }
    });

  it('fail over from a primary that is not well to its standby', () => {
    const [check] = Object.keys(edge.findResources('AWS::Route53::HealthCheck'));
    for (const { Failover, HealthCheckId, SetIdentifier } of records(edge))
      expect([Failover, HealthCheckId, SetIdentifier]).toEqual(['PRIMARY', { Ref: check }, 'primary']);
    for (const { Failover, HealthCheckId, SetIdentifier } of records(standby))
      expect([Failover, HealthCheckId, SetIdentifier]).toEqual(['SECONDARY', undefined, 'standby']);
  });

  it('are plain without a peer, and nobody checks', () => {
    for (const record of records(alone)) {
      expect(record.Failover).toBeUndefined();
      expect(record.SetIdentifier).toBeUndefined();
    }
    alone.resourceCountIs('AWS::Route53::HealthCheck', 0);
    standby.resourceCountIs('AWS::Route53::HealthCheck', 0);
  });

  it('are checked by a way that stays the primary’s when they move', () => {
    const [id] = Object.keys(edge.findResources('AWS::CloudFront::Distribution'));
    expect(only(edge, 'AWS::Route53::HealthCheck').HealthCheckConfig).toMatchObject({
      Type: 'HTTPS',
      FullyQualifiedDomainName: { 'Fn::GetAtt': [id, 'DomainName'] },
      ResourcePath: '/api/v3/ping',
      EnableSNI: true,
    });
  });

  it('belong to the primary’s distribution until a promotion moves them', () => {
    expect(distribution().Aliases).toEqual([prod.domain, `www.${prod.domain}`, `api.${prod.domain}`]);
    expect(distribution(standby).Aliases).toBeUndefined();
  });
});
