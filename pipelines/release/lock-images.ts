/**
 * Tells an environment which images it runs from now on: `node lock-images.ts staging`. Its task
 * definitions take them from Parameter Store when its stacks are deployed next.
 */
import { readFileSync } from 'node:fs';
import { environmentCli } from '../aws-cli.ts';
import type { ReleaseImages } from '../images/release-images.ts';

const [environment = ''] = process.argv.slice(2);
const { digests } = JSON.parse(readFileSync('release/images.json', 'utf8')) as ReleaseImages;
for (const [service, digest] of Object.entries(digests)) {
  const parameter = ['--name', `/crossbook/${environment}/images/${service}`, '--value', digest];
  environmentCli('ssm', 'put-parameter', ...parameter, '--type', 'String', '--overwrite');
  process.stdout.write(`${environment} ${service} ${digest}\n`);
}
