/**
 * Tells an environment which images it runs from now on: `node lock-images.ts staging`. Its task
 * definitions take them from Parameter Store when its stacks are deployed next. Ends with 1, and tells nothing, when a
 * digest went into quarantine since the release was put together: a release that waits for its approval must not bring
 * what failed meanwhile. What the environment runs already stays allowed, so that it can go back to it.
 */
import { readFileSync } from 'node:fs';
import { namePrefix } from '#environments/delivery.ts';
import { CommandError, environmentCli } from '../aws-cli.ts';
import { quarantined, quarantineName, type ReleaseImages } from '../images/release-images.ts';

const [environment = ''] = process.argv.slice(2);

const parameterOf = (service: string) => `/${namePrefix}/${environment}/images/${service}`;

/** The digest that the environment has now; undefined before its first release. */
function lockedDigest(service: string): string | undefined {
  try {
    const name = ['--name', parameterOf(service)];
    return environmentCli<{ Parameter: { Value: string } }>('ssm', 'get-parameter', ...name).Parameter.Value;
  } catch (error) {
    if (error instanceof CommandError && error.message.includes('ParameterNotFound')) return undefined;
    throw error;
  }
}

const { digests } = JSON.parse(readFileSync('release/images.json', 'utf8')) as ReleaseImages;
const failures = quarantined();
const refused = Object.entries(digests).filter(
  ([service, digest]) => failures.has(quarantineName(digest)) && lockedDigest(service) !== digest,
);
for (const [service, digest] of refused)
  process.stderr.write(
    `${service} ${digest} does not come to ${environment}: it is in quarantine: ${failures.get(quarantineName(digest))}\n`,
  );
if (refused.length > 0) process.exitCode = 1;
else
  for (const [service, digest] of Object.entries(digests)) {
    const parameter = ['--name', parameterOf(service), '--value', digest];
    environmentCli('ssm', 'put-parameter', ...parameter, '--type', 'String', '--overwrite');
    process.stdout.write(`${environment} ${service} ${digest}\n`);
  }
