/**
 * The guards of an AWS account that an environment sets up. Put false for each that the organization runs already, or
 * that another environment in the same account and region has set up: most exist once for each account and region.
 */
export interface Guards {
  /** The groups Developers, DevOps and Admins, who must use MFA, and the password policy. */
  readonly people: boolean;
  /** CloudTrail in all regions, validated, to a bucket of its own. */
  readonly cloudTrail: boolean;
  /** IAM Access Analyzer: what is reachable from outside the account. */
  readonly accessAnalyzer: boolean;
  /** GuardDuty, with its features for S3, RDS, Lambda and containers. */
  readonly guardDuty: boolean;
  /** Security Hub with AWS Foundational Security Best Practices and CIS. */
  readonly securityHub: boolean;
  /** The AWS Config recorder, which Security Hub's controls need. */
  readonly config: boolean;
}

/** For an account that nobody else guards. */
export const allGuards: Guards = {
  people: true,
  cloudTrail: true,
  accessAnalyzer: true,
  guardDuty: true,
  securityHub: true,
  config: true,
};
