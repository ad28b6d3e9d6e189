/** The rules of the firewall, beside the limit for each address. */
import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { botPrefixes } from './edge-behaviours.ts';

/** The header with which CloudFront tells the API that a request came through it. */
export const originHeader = 'x-origin-verify';

type Statement = CfnWebACL.StatementProperty;

/** A rule without what its place in the list gives it. */
export type Rule = Omit<CfnWebACL.RuleProperty, 'priority' | 'visibilityConfig'>;

/** A rule group of AWS; what is `counted` of it is only labelled, for a later rule to decide. */
export function managed(group: string, ...counted: string[]): Rule {
  return {
    name: group,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: group,
        ruleActionOverrides: counted.map((name) => ({ name, actionToUse: { count: {} } })),
      },
    },
  };
}

/**
 * From data centers, without a User-Agent, and with queries over 2,048 bytes (hundreds of streams on one WebSocket) come
 * the bots that this exchange is for, with keys and signatures; and nobody who sits before a page. Hence all three are
 * let in to the paths of bots, and nowhere else.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html
 */
export const botsOnPathsOfPeople: Rule = {
  name: 'BotsOnPathsOfPeople',
  action: { block: {} },
  statement: {
    andStatement: {
      statements: [
        {
          orStatement: {
            statements: [
              labelled('anonymous-ip-list:HostingProviderIPList'),
              labelled('core-rule-set:NoUserAgent_Header'),
              labelled('core-rule-set:SizeRestrictions_QueryString'),
            ],
          },
        },
        { notStatement: { statement: { orStatement: { statements: botPrefixes.map(pathBegins) } } } },
      ],
    },
  },
};

/** The API's own address is public too; behind it the client's address would be whatever the client says. */
export function notFromCloudFront(secret: string): Rule {
  const says: Statement = {
    byteMatchStatement: {
      fieldToMatch: { singleHeader: { Name: originHeader } },
      positionalConstraint: 'EXACTLY',
      searchString: secret,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
  return {
    name: 'NotFromCloudFront',
    action: { block: {} },
    statement: { notStatement: { statement: says } },
  };
}

function labelled(label: string): Statement {
  return { labelMatchStatement: { scope: 'LABEL', key: `awswaf:managed:aws:${label}` } };
}

function pathBegins(searchString: string): Statement {
  return {
    byteMatchStatement: {
      fieldToMatch: { uriPath: {} },
      positionalConstraint: 'STARTS_WITH',
      searchString,
      textTransformations: [{ priority: 0, type: 'NONE' }],
    },
  };
}
