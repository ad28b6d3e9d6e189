/**
 * `npm run policy`: every stack of every environment against the rules of `policy-checks.ts`, or of those alone that are
 * named: `npm run policy -- prod dr`. Ends with 1, and names resource and rule, on any finding that nobody explains;
 * `cdk.out/policy-report.json` has them all. The pipeline's own stack is not among them: its roles and projects are the
 * construct library's.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { delivery } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { peerOf } from '#environments/environment.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { decisions } from '#stacks/acknowledge.ts';
import { ExchangeStage } from '#stacks/exchange-stage.ts';
import { addPolicyChecks } from './policy-checks.ts';

const { context } = JSON.parse(readFileSync('cdk.json', 'utf8'));
const app = new App({ context });
addPolicyChecks(app);
const environments = [dev, staging, prod, dr];
const all: readonly string[] = environments.map(({ name }) => name);
const named = process.argv.slice(2);
const unknown = named.find((name) => !all.includes(name));
if (unknown !== undefined) {
  process.stderr.write(`${unknown} is no environment: name some of ${all.join(', ')}, or none for all\n`);
  process.exit(2);
}
const names = named.length > 0 ? named : all;
for (const environment of environments.filter(({ name }) => names.includes(name)))
  new ExchangeStage(app, { environment, peer: peerOf(environment, environments), registry: delivery });
try {
  app.synth();
} finally {
  // What was found, and what was acknowledged: kept with the release.
  mkdirSync('cdk.out', { recursive: true });
  copyFileSync(join(app.outdir, 'validation-report.json'), 'cdk.out/policy-report.json');
}
const everywhere = new Set(decisions.map(({ id }) => id));
const counts = names.map((name) => `${acknowledged(app.node.findChild(name))} of ${name}`).join(', ');
process.stdout.write(
  `no unexplained finding; acknowledged at resources: ${counts}; ${everywhere.size} rules not followed anywhere\n`,
);

/** How many rules are acknowledged at single constructs of a stage. */
function acknowledged(stage: IConstruct): number {
  const type = Validations.ACKNOWLEDGED_RULES_METADATA_KEY;
  const ids = stage.node
    .findAll()
    .flatMap(({ node }) => node.metadata.filter((entry) => entry.type === type))
    .flatMap(({ data }) => Object.keys(data as object));
  return ids.filter((id) => ![...everywhere].some((decided) => id.endsWith(decided))).length;
}
