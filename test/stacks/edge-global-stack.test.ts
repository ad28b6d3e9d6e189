import { describe, expect, it } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { prod } from '#environments/prod.ts';
import { EdgeGlobalStack } from '#stacks/edge-global-stack.ts';
import { appWithFlags, propertiesOf } from './synthesize.ts';

const template = Template.fromStack(
  new EdgeGlobalStack(appWithFlags(), 'EdgeGlobal', {
    env: { account: prod.account, region: 'us-east-1' },
    environment: prod,
  }),
);
const [acl] = propertiesOf(template, 'AWS::WAFv2::WebACL');

interface Rule {
  readonly Name: string;
  readonly Priority: number;
  readonly Action?: unknown;
  readonly OverrideAction?: unknown;
  readonly Statement: Statement;
}
interface Statement {
  readonly ManagedRuleGroupStatement?: {
    readonly Name: string;
    readonly RuleActionOverrides?: readonly { readonly Name: string; readonly ActionToUse: unknown }[];
  };
  readonly RateBasedStatement?: unknown;
  readonly AndStatement?: { readonly Statements: readonly Statement[] };
  readonly OrStatement?: { readonly Statements: readonly Statement[] };
  readonly NotStatement?: { readonly Statement: Statement };
  readonly LabelMatchStatement?: { readonly Key: string };
  readonly ByteMatchStatement?: { readonly SearchString: string; readonly PositionalConstraint: string };
}
const rules: readonly Rule[] = acl.Rules;
const ruleOf = (name: string) => rules.find(({ Name }) => Name === name)!;

/** What WAF decides on a statement, for a path and the labels that managed rules have put on the request. */
function holds(statement: Statement, path: string, labels: readonly string[]): boolean {
  const { AndStatement, OrStatement, NotStatement, LabelMatchStatement, ByteMatchStatement } = statement;
  if (AndStatement) return AndStatement.Statements.every((one) => holds(one, path, labels));
  if (OrStatement) return OrStatement.Statements.some((one) => holds(one, path, labels));
  if (NotStatement) return !holds(NotStatement.Statement, path, labels);
  if (LabelMatchStatement) return labels.includes(LabelMatchStatement.Key);
  expect(ByteMatchStatement!.PositionalConstraint).toBe('STARTS_WITH');
  return path.startsWith(ByteMatchStatement!.SearchString);
}

describe('the certificate', () => {
  it('is for the domain and what is below it, proved by the zone’s records', () => {
    expect(propertiesOf(template, 'AWS::CertificateManager::Certificate')).toEqual([
      expect.objectContaining({
        DomainName: prod.domain,
        SubjectAlternativeNames: [`*.${prod.domain}`],
        ValidationMethod: 'DNS',
        DomainValidationOptions: expect.arrayContaining([
          { DomainName: prod.domain, HostedZoneId: prod.hostedZone.id },
        ]),
      }),
    ]);
  });
});

describe('the firewall before CloudFront', () => {
  it('has the managed rules of AWS, which block', () => {
    expect(acl.Scope).toBe('CLOUDFRONT');
    const managed = rules.filter(({ Statement }) => Statement.ManagedRuleGroupStatement);
    expect(managed.map(({ Statement }) => Statement.ManagedRuleGroupStatement!.Name).sort()).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesAnonymousIpList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesSQLiRuleSet',
    ]);
    for (const { OverrideAction } of managed) expect(OverrideAction).toEqual({ None: {} });
  });

  it('only counts, of all of them, what tells bots from people', () => {
    const counted = rules.flatMap(
      ({ Statement }) => Statement.ManagedRuleGroupStatement?.RuleActionOverrides ?? [],
    );
    expect(counted).toEqual(
      ['HostingProviderIPList', 'NoUserAgent_HEADER', 'SizeRestrictions_QUERYSTRING'].map((Name) => ({
        Name,
        ActionToUse: { Count: {} },
      })),
    );
  });

  const label = {
    'from a data center': 'awswaf:managed:aws:anonymous-ip-list:HostingProviderIPList',
    'without a User-Agent': 'awswaf:managed:aws:core-rule-set:NoUserAgent_Header',
    'with a long query': 'awswaf:managed:aws:core-rule-set:SizeRestrictions_QueryString',
  };
  for (const [kind, key] of Object.entries(label))
    it(`blocks a request ${kind} on the paths of people, and not on those of bots`, () => {
      const { Statement, Action, Priority } = ruleOf('BotsOnPathsOfPeople');
      expect(Action).toEqual({ Block: {} });
      for (const path of ['/api/users/login', '/', '/api/v30/order'])
        expect([path, holds(Statement, path, [key])]).toEqual([path, true]);
      for (const path of ['/api/v3/order', '/sapi/v1/capital', '/ws/btcusdt@trade', '/stream'])
        expect([path, holds(Statement, path, [key])]).toEqual([path, false]);
      expect(holds(Statement, '/api/users/login', [])).toBe(false);
      // Labels are there only for rules that come after.
      expect(Priority).toBeGreaterThan(ruleOf('AWSManagedRulesCommonRuleSet').Priority);
      expect(Priority).toBeGreaterThan(ruleOf('AWSManagedRulesAnonymousIpList').Priority);
    });

  it('limits each address, and says so as the API would', () => {
    const { Statement, Action } = ruleOf('RequestsPerAddress');
    expect(Statement.RateBasedStatement).toEqual({
      Limit: prod.requestsPer5MinutesMax,
      AggregateKeyType: 'IP',
    });
    expect(Action).toEqual({ Block: { CustomResponse: { ResponseCode: 429 } } });
  });

  it('logs what it blocks, to a group that WAF may write to, without what is secret', () => {
    const [logging] = propertiesOf(template, 'AWS::WAFv2::LoggingConfiguration');
    const [group] = propertiesOf(template, 'AWS::Logs::LogGroup');
    expect(group.LogGroupName).toMatch(/^aws-waf-logs-crossbook-prod-/);
    expect(group.RetentionInDays).toBe(prod.logRetentionDays);
    expect(JSON.stringify(logging.LogDestinationConfigs)).not.toContain(':*');
    expect(logging.LoggingFilter.DefaultBehavior).toBe('DROP');
    expect(acl.DataProtectionConfig.DataProtections).toEqual([
      {
        Action: 'SUBSTITUTION',
        Field: {
          FieldType: 'SINGLE_HEADER',
          FieldKeys: expect.arrayContaining(['authorization', 'x-mbx-apikey']),
        },
      },
      {
        Action: 'SUBSTITUTION',
        Field: { FieldType: 'SINGLE_QUERY_ARGUMENT', FieldKeys: ['signature'] },
      },
    ]);
  });
});
