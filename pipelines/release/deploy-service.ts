/**
 * Brings a release's image of one service to an environment: `node deploy-service.ts crossbook-staging orders <hook>`.
 * Who deploys it, the table of services says. Ends with 0 when it runs there, or did before; with 1 when it was rolled
 * back, and then its digest is in quarantine: no release will deploy it again.
 */
import { readFileSync } from 'node:fs';
import { awsCli } from '../aws-cli.ts';
import { quarantineName, type ReleaseImages } from '../images/release-images.ts';
import { deployerOf } from './deployer-of.ts';
import { lockFault, taskDefinition } from './task-definition.ts';

const [prefix = '', service = '', hook = ''] = process.argv.slice(2);
const tell = (line: string) => void process.stdout.write(`${prefix} ${service}: ${line}\n`);

async function deploy(digest: string): Promise<string | undefined> {
  const definition = taskDefinition(`${prefix}-${service}`);
  const fault = lockFault(service, definition, digest);
  if (fault !== undefined) return fault;
  const { taskDefinitionArn } = definition;
  const deployer = deployerOf(service);
  if (taskDefinitionArn === deployer.running(prefix, service)) {
    tell(`${taskDefinitionArn} runs already: nothing to deploy`);
    return;
  }
  const deployment = await deployer.begin({ prefix, service, taskDefinitionArn, hook });
  tell(`${deployment} brings ${taskDefinitionArn}`);
  const failure = await deployer.failure(deployment, tell);
  if (failure === undefined) return;
  const reason = `${deployment} in ${prefix}: ${failure}`;
  // The task definition may be at fault as well as the image: mending either makes another digest, or lifts this.
  awsCli(
    'ssm',
    'put-parameter',
    ...['--name', quarantineName(digest)],
    ...['--value', reason],
    ...['--type', 'String'],
    '--overwrite',
  );
  return reason;
}

const { digests } = JSON.parse(readFileSync('release/images.json', 'utf8')) as ReleaseImages;
const digest = digests[service];
const failure = digest === undefined ? 'images.json does not name it' : await deploy(digest);
if (failure !== undefined) {
  process.stderr.write(`${prefix} ${service}: ${failure}\n`);
  process.exitCode = 1;
}
