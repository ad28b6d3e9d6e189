import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnLoggingConfiguration, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { botsOnPathsOfPeople, managed, notFromCloudFront, originHeader, type Rule } from './web-acl-rules.ts';

export interface WebAclProps {
  readonly environment: Environment;
  /** CLOUDFRONT stands before everything and lives in us-east-1; REGIONAL stands before the API. */
  readonly scope: 'CLOUDFRONT' | 'REGIONAL';
  /** What {@link originHeader} must say; without it every request is let in. */
  readonly originSecret?: string;
}

/**
 * The firewall: AWS's managed rules, a limit for each address, and a log of what was blocked.
 *
 * Of the 1,500 capacity units that cost nothing extra it takes some 1,270: 700 (common), 200 (bad inputs), 200 (SQL),
 * 25 (reputation), 50 (anonymous), and the rest for rules of its own.
 */
export class WebAcl extends Construct {
  readonly arn: string;
  readonly #props: WebAclProps;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    this.#props = props;
    const acl = new CfnWebACL(this, 'Acl', {
      scope: props.scope,
      defaultAction: { allow: {} },
      visibilityConfig: visibility('all'),
      dataProtectionConfig: { dataProtections: secrets },
      rules: this.#rules(),
    });
    this.arn = acl.attrArn;
    this.#log();
  }

  #rules(): CfnWebACL.RuleProperty[] {
    const { originSecret } = this.#props;
    const rules = [
      ...(originSecret === undefined ? [] : [notFromCloudFront(originSecret)]),
      this.#rateRule(),
      managed('AWSManagedRulesAmazonIpReputationList'),
      managed('AWSManagedRulesAnonymousIpList', 'HostingProviderIPList'),
      managed('AWSManagedRulesCommonRuleSet', 'NoUserAgent_HEADER', 'SizeRestrictions_QUERYSTRING'),
      botsOnPathsOfPeople,
      managed('AWSManagedRulesKnownBadInputsRuleSet'),
      managed('AWSManagedRulesSQLiRuleSet'),
    ];
    return rules.map((rule, priority) => ({ ...rule, priority, visibilityConfig: visibility(rule.name) }));
  }

  /**
   * Before the API, requests come from addresses of CloudFront. The header that then tells the client's can be
   * lengthened at its beginning by the client: there the limit is a second line, behind CloudFront's own.
   */
  #rateRule(): Rule {
    const { scope, environment } = this.#props;
    const limit = environment.requestsPer5MinutesMax;
    return {
      name: 'RequestsPerAddress',
      action: { block: { customResponse: { responseCode: 429 } } },
      statement: {
        rateBasedStatement:
          scope === 'CLOUDFRONT'
            ? { limit, aggregateKeyType: 'IP' }
            : {
                limit,
                aggregateKeyType: 'FORWARDED_IP',
                forwardedIpConfig: { headerName: 'X-Forwarded-For', fallbackBehavior: 'MATCH' },
              },
      },
    };
  }

  /** What passed is in the logs of CloudFront and of the API; here it would cost more than all the rest. */
  #log(): void {
    const { environment, scope } = this.#props;
    const group = new LogGroup(this, 'Log', {
      // WAF writes to no group with another beginning.
      logGroupName: `aws-waf-logs-${prefixOf(environment)}-${scope.toLowerCase()}`,
      retention: environment.logRetentionDays,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: this.arn,
      logDestinationConfigs: [
        // Without the `:*` that the group's own ARN ends with, which WAF refuses.
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: group.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
              ActionCondition: { Action },
            })),
          },
        ],
      },
    });
  }
}

/** Taken out of logs and of the samples that the console shows. */
const secrets: CfnWebACL.DataProtectProperty[] = [
  {
    action: 'SUBSTITUTION',
    field: { fieldType: 'SINGLE_HEADER', fieldKeys: ['authorization', 'x-mbx-apikey', originHeader] },
  },
  { action: 'SUBSTITUTION', field: { fieldType: 'SINGLE_QUERY_ARGUMENT', fieldKeys: ['signature'] } },
];

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}
