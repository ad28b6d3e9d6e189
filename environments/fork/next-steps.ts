import { readFileSync } from 'node:fs';
import { type Configuration, files, pathOf } from './configuration.ts';

/** What a fork does now, and what it has not said yet. */
export function nextSteps({ delivery, dev, staging, prod }: Configuration): string {
  const accounts = new Set([delivery, dev, staging, prod].map(({ account }) => account));
  const profiles = [...accounts].map((account) => `--profile ${account}=<profile>`).join(' ');
  return [
    ...placeholders(),
    '',
    'Next:',
    `  1. npm run bootstrap -- ${profiles}`,
    '  2. Make what no stack makes: the connection to the repository, the hosted zones, and the secrets of each',
    '     environment. docs/fork.md lists them, with their commands.',
    `  3. Push to ${delivery.branch}, then deploy the pipeline once, with credentials of ${delivery.account}:`,
    `     npx cdk deploy ${delivery.namePrefix}-pipeline`,
  ].join('\n');
}

function placeholders(): string[] {
  const lines = files.flatMap((file) =>
    readFileSync(pathOf(file), 'utf8')
      .split('\n')
      .flatMap((line) => /^ {2}(\w+):.* \/\/ (?:a placeholder|placeholders)\b/.exec(line)?.[1] ?? [])
      .map((field) => `  ${pathOf(file)}: ${field}`),
  );
  return lines.length === 0 ? [] : ['', 'Placeholders still:', ...lines];
}
