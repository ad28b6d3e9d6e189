import type { Template } from 'aws-cdk-lib/assertions';

/** A statement of a policy, as CloudFormation gets it. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface Call {
  readonly action: string;
  readonly resource?: string;
  /** What IAM knows besides; a name that is missing here is missing in the call. */
  readonly context?: Readonly<Record<string, string>>;
}

/** What IAM says to a call: no denial, and at least one permission. */
export function allows(statements: readonly Statement[], call: Call): boolean {
  const applying = statements.filter((statement) => applies(statement, call));
  return (
    applying.some(({ Effect }) => Effect === 'Allow') && !applying.some(({ Effect }) => Effect === 'Deny')
  );
}

/** Every statement of every policy in a template, wherever it is. */
export function statementsOf(template: Template): Statement[] {
  const found: Statement[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('Effect' in value) found.push(value as Statement);
    else for (const part of Object.values(value)) look(part);
  };
  look(template.toJSON().Resources);
  return found;
}

/** The statements that give away everything. */
export function unbounded(statements: readonly Statement[]): Statement[] {
  return statements.filter(
    ({ Effect, Action, Resource }) =>
      Effect === 'Allow' && list(Action).includes('*') && list(Resource).includes('*'),
  );
}

function applies(statement: Statement, { action, resource = '*', context = {} }: Call): boolean {
  const { Action, NotAction, Resource, NotResource, Condition = {} } = statement;
  const username = context['aws:username'] ?? '';
  const names = (resources: unknown) =>
    list(resources).some((pattern) => like(pattern.replace(/\$\{aws:username\}/g, username), resource));
  return (
    (NotAction
      ? !list(NotAction).some((one) => like(one, action))
      : list(Action).some((one) => like(one, action))) &&
    (NotResource ? !names(NotResource) : names(Resource)) &&
    Object.entries(Condition).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, context[key], list(values))),
    )
  );
}

function holds(operator: string, actual: string | undefined, expected: readonly string[]): boolean {
  const same = actual !== undefined && expected.some((pattern) => like(pattern, actual));
  switch (operator) {
    case 'Bool':
    case 'StringEquals':
      return same;
    case 'BoolIfExists':
      return actual === undefined || same;
    case 'StringNotEquals':
    case 'ArnNotLike':
      return !same;
    default:
      throw new Error(`no ${operator} here`);
  }
}

function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`, 'i').test(text);
}

function list(value: unknown): string[] {
  const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
}
