/** Reads the policies of CloudFormation templates, and says what they allow. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Statement: readonly Statement[];
}

/** A call, with what IAM knows of it beside action and resource. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** The resources of a template as CloudFormation would make them, with `parameters`, `AWS::AccountId` and so on, put in. */
export function resourcesOf(file: string, parameters: Readonly<Record<string, string>>) {
  const customTags = ['Sub', 'Ref'].map((name) => ({
    tag: `!${name}`,
    resolve: (value: string) => ({ [`Fn::${name}`]: value }),
  }));
  const template: { Resources: unknown } = parse(readFileSync(file, 'utf8'), { customTags });
  return resolved(template.Resources, parameters) as Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
}

function resolved(node: unknown, parameters: Readonly<Record<string, string>>): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map((child) => resolved(child, parameters));
  if ('Fn::Sub' in node)
    return String(node['Fn::Sub']).replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => given(name, parameters));
  // Only lists are referred to as a whole.
  if ('Fn::Ref' in node) return given(String(node['Fn::Ref']), parameters).split(',');
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, resolved(child, parameters)]));
}

function given(name: string, parameters: Readonly<Record<string, string>>): string {
  const value = parameters[name];
  if (value === undefined) throw new Error(`nothing is named ${name}`);
  return value;
}

/** Whether policies that hold at once allow a call, as IAM decides: one must, and none may deny. */
export function allows(policies: readonly PolicyDocument[], call: Call): boolean {
  const fitting = policies.flatMap(({ Statement }) => Statement.filter((statement) => fits(statement, call)));
  return fitting.some(({ Effect }) => Effect === 'Allow') && !fitting.some(({ Effect }) => Effect === 'Deny');
}

function fits({ Action, Resource, Condition = {} }: Statement, { action, resource, context }: Call): boolean {
  return (
    [Action].flat().some((pattern) => matches(pattern, action)) &&
    [Resource].flat().some((pattern) => matches(pattern, resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => {
        const value = context?.[key];
        // What is not known fulfils no condition.
        if (value === undefined) return false;
        const exact = operator === 'StringEquals';
        return [values].flat().some((pattern) => (exact ? pattern === value : matches(pattern, value)));
      }),
    )
  );
}

/** As IAM compares: `*` stands for anything. */
export function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
