import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { App, Stack, Stage } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { addPolicyChecks } from '#pipelines/policy-checks.ts';

interface ValidationReport {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly { readonly ruleName: string }[];
  }[];
}

it('refuses a violation that is planted inside a stage, each set of rules for its own reasons', () => {
  const app = new App();
  addPolicyChecks(app);
  new Bucket(new Stack(new Stage(app, 'stage'), 'stack'), 'bucket');
  expect(() => app.synth()).toThrow('does not');
  const report: ValidationReport = JSON.parse(
    readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
  );
  const rulesOf = (name: string) =>
    report.pluginReports
      .filter(({ pluginName }) => pluginName === name)
      .flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
  expect(rulesOf('AwsSolutions')).toContain('AwsSolutions-S10');
  expect(rulesOf('NIST.800.53.R5')).toContain('NIST.800.53.R5-S3BucketSSLRequestsOnly');
  expect(rulesOf('cdk-validator-cfnguard')).toContain('s3_bucket_logging_enabled_check');
});
