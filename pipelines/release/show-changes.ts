/**
 * Shows what a release changes in an environment before anything is: `node show-changes.ts prod cdk.out/assembly-…`. All
 * of it goes to the standard error, for the build's log; to the standard output one line of a few hundred characters,
 * for whoever is asked to approve it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namePrefix } from '#environments/delivery.ts';
import { CommandError, environmentCli } from '../aws-cli.ts';
import type { ReleaseImages } from '../images/release-images.ts';
import { imageChanges } from './image-changes.ts';
import { inFull, inShort, type StackChange, stackChange, type Template } from './stack-changes.ts';

/** An approval's text may have 1,000 characters, and the question is in it too. */
const SUMMARY_CHARS_MAX = 600;

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        /** Such as `aws://111111111111/eu-central-1`. */
        readonly environment?: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
}

const [environment = '', assembly = ''] = process.argv.slice(2);

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}

function stackChanges(): StackChange[] {
  const { artifacts } = readJson<Manifest>(join(assembly, 'manifest.json'));
  return Object.values(artifacts).flatMap(({ type, environment: place = '', properties = {} }) => {
    const { templateFile, stackName } = properties;
    if (type !== 'aws:cloudformation:stack' || templateFile === undefined || stackName === undefined)
      return [];
    const region = place.split('/').at(-1)!;
    return [
      stackChange(stackName, deployedTemplate(stackName, region), readJson(join(assembly, templateFile))),
    ];
  });
}

function deployedTemplate(stackName: string, region: string): Template | undefined {
  try {
    return environmentCli<{ TemplateBody: Template }>(
      'cloudformation',
      'get-template',
      '--stack-name',
      stackName,
      '--region',
      region,
    ).TemplateBody;
  } catch (error) {
    if (error instanceof CommandError && error.message.includes('does not exist')) return undefined;
    throw error;
  }
}

function lockedDigests(): Record<string, string> {
  const path = `/${namePrefix}/${environment}/images`;
  const { Parameters } = environmentCli<{
    Parameters: readonly { readonly Name: string; readonly Value: string }[];
  }>('ssm', 'get-parameters-by-path', '--path', path);
  return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name.slice(path.length + 1), Value]));
}

const { digests } = readJson<ReleaseImages>('release/images.json');
const images = imageChanges(digests, lockedDigests());
const changes = stackChanges();
const changed = changes.filter(({ diff }) => !diff.isEmpty);
for (const change of changed) process.stderr.write(`${await inFull(change)}\n`);
for (const image of images) process.stderr.write(`Image ${image}\n`);
const summary = [
  images.length === 0 ? 'No image changes.' : `Images: ${images.join('; ')}.`,
  changed.length === 0 ? 'No stack changes.' : `Stacks: ${changed.map(inShort).join('; ')}.`,
].join(' ');
const cut = summary.length > SUMMARY_CHARS_MAX ? `${summary.slice(0, SUMMARY_CHARS_MAX - 1)}…` : summary;
process.stdout.write(`${cut}\n`);
