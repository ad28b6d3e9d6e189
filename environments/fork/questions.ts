/** What a fork is asked, in this order; an answer may decide what is proposed for the next. */
import type { Delivery, Provider } from '../delivery.ts';
import type { Environment } from '../environment.ts';
import type { Configuration } from './configuration.ts';

export interface Question {
  /** Its flag on the command line, without the dashes. */
  readonly flag: string;
  readonly text: string;
  /** What is there, or follows from earlier answers. */
  readonly proposed: (configuration: Configuration) => string;
  readonly put: (configuration: Configuration, answer: string) => Configuration;
  /** The fields that the answer is for, as faults name them: what is wrong there is the answer's fault. */
  readonly fields: readonly string[];
}

type Name = 'dev' | 'staging' | 'prod' | 'dr';
type Values = Partial<
  Pick<Environment, 'account' | 'region' | 'availabilityZones' | 'domain' | 'hostedZone' | 'alarmEmails'>
>;

/** The standby alone is in another region; with prod it shares account and domain. */
const inRegion: readonly Name[] = ['dev', 'staging', 'prod'];
const all: readonly Name[] = [...inRegion, 'dr'];
const served: readonly Name[] = ['prod', 'dr'];

export const questions: readonly Question[] = [
  ofDelivery('name-prefix', 'What names on AWS begin with: 2 to 9 letters and digits', 'namePrefix'),
  ofDelivery('tools-account', 'Account of the pipeline and the images', 'account'),
  account('dev-account', 'Account of dev', ['dev']),
  account('staging-account', 'Account of staging', ['staging']),
  account('prod-account', 'Account of prod, and of dr', served),
  {
    ...region('region', 'Region of the pipeline, dev, staging and prod', inRegion),
    put: (configuration, answer) =>
      withDelivery(inRegionOf(configuration, inRegion, answer), { region: answer }),
    fields: ['environments/delivery.ts: region', ...fieldsOf(inRegion, 'region')],
  },
  zones('zones', 'Its availability zones, three of them', inRegion),
  region('dr-region', 'Region of dr', ['dr']),
  zones('dr-zones', 'Its availability zones, three of them', ['dr']),
  {
    ...domain('domain', 'Domain of prod, and of dr when it takes over', served),
    put: (configuration, answer) => {
      const prod = atDomain(configuration, served, answer);
      const staging = atDomain(prod, ['staging'], `staging.${answer}`);
      return atDomain(staging, ['dev'], `dev.${answer}`);
    },
  },
  domain('staging-domain', 'Domain of staging', ['staging']),
  domain('dev-domain', 'Domain of dev', ['dev']),
  hostedZone('prod-zone', 'Route 53 zone of prod: its id, and its name if that is not the domain', served),
  hostedZone('staging-zone', 'Route 53 zone of staging, likewise', ['staging']),
  hostedZone('dev-zone', 'Route 53 zone of dev, likewise', ['dev']),
  {
    ...ofDelivery(
      'provider',
      'Provider of the repository: GitHub, GitLab, Bitbucket or CodeCommit',
      'provider',
    ),
    put: (configuration, answer) =>
      withDelivery(configuration, {
        // What is none, the check says.
        provider: answer as Provider,
        ...(answer === 'CodeCommit' ? { connectionArn: '' } : {}),
      }),
  },
  ofDelivery('repository', 'Repository, as owner/name; of CodeCommit its name', 'repository'),
  ofDelivery('connection', 'ARN of the connection to its provider; CodeCommit has none', 'connectionArn'),
  {
    flag: 'alarm-emails',
    text: 'Who hears of alarms, with commas',
    proposed: ({ prod }) => prod.alarmEmails.join(', '),
    put: (configuration, answer) => withEach(configuration, all, () => ({ alarmEmails: listOf(answer) })),
    fields: fieldsOf(all, 'alarmEmails'),
  },
  {
    flag: 'approver-emails',
    text: 'Who approves releases, with commas',
    proposed: ({ delivery }) => delivery.approverEmails.join(', '),
    put: (configuration, answer) => withDelivery(configuration, { approverEmails: listOf(answer) }),
    fields: ['environments/delivery.ts: approverEmails'],
  },
];

type DeliveryField = 'namePrefix' | 'account' | 'provider' | 'repository' | 'connectionArn';

function ofDelivery(flag: string, text: string, field: DeliveryField): Question {
  return {
    flag,
    text,
    proposed: ({ delivery }) => delivery[field],
    put: (configuration, answer) => withDelivery(configuration, { [field]: answer }),
    fields: [`environments/delivery.ts: ${field}`],
  };
}

function account(flag: string, text: string, names: readonly Name[]): Question {
  return {
    flag,
    text,
    proposed: (configuration) => first(configuration, names).account,
    put: (configuration, answer) => withEach(configuration, names, () => ({ account: answer })),
    fields: fieldsOf(names, 'account'),
  };
}

function region(flag: string, text: string, names: readonly Name[]): Question {
  return {
    flag,
    text,
    proposed: (configuration) => first(configuration, names).region,
    put: (configuration, answer) => inRegionOf(configuration, names, answer),
    fields: fieldsOf(names, 'region'),
  };
}

/** With the zones that most regions have; the next question is for the others. */
function inRegionOf(configuration: Configuration, names: readonly Name[], answer: string): Configuration {
  return withEach(configuration, names, ({ region }) =>
    region === answer
      ? {}
      : { region: answer, availabilityZones: [`${answer}a`, `${answer}b`, `${answer}c`] },
  );
}

/** A letter stands for the zone of the region. */
function zones(flag: string, text: string, names: readonly Name[]): Question {
  return {
    flag,
    text,
    proposed: (configuration) => first(configuration, names).availabilityZones.join(', '),
    put: (configuration, answer) =>
      withEach(configuration, names, (environment) => ({
        // How many they are, the check says.
        availabilityZones: listOf(answer).map((zone) =>
          /^[a-z]$/.test(zone) ? environment.region + zone : zone,
        ) as unknown as Environment['availabilityZones'],
      })),
    fields: fieldsOf(names, 'availabilityZones'),
  };
}

function domain(flag: string, text: string, names: readonly Name[]): Question {
  return {
    flag,
    text,
    proposed: (configuration) => first(configuration, names).domain,
    put: (configuration, answer) => atDomain(configuration, names, answer),
    fields: fieldsOf(names, 'domain'),
  };
}

/** In a zone of its own, until the question for it says otherwise. */
function atDomain(configuration: Configuration, names: readonly Name[], answer: string): Configuration {
  return withEach(configuration, names, ({ domain, hostedZone }) =>
    domain === answer ? {} : { domain: answer, hostedZone: { ...hostedZone, name: answer } },
  );
}

function hostedZone(flag: string, text: string, names: readonly Name[]): Question {
  return {
    flag,
    text,
    proposed: (configuration) => {
      const { hostedZone: zone, domain } = first(configuration, names);
      return zone.name === domain ? zone.id : `${zone.id} ${zone.name}`;
    },
    put: (configuration, answer) => {
      const [id = '', name] = answer.split(/\s+/);
      return withEach(configuration, names, ({ domain }) => ({ hostedZone: { id, name: name ?? domain } }));
    },
    fields: fieldsOf(names, 'hostedZone'),
  };
}

function withDelivery(configuration: Configuration, values: Partial<Delivery>): Configuration {
  return { ...configuration, delivery: { ...configuration.delivery, ...values } };
}

function withEach(
  configuration: Configuration,
  names: readonly Name[],
  valuesOf: (environment: Environment) => Values,
): Configuration {
  const changed = names.map((name) => {
    const environment = configuration[name];
    return [name, { ...environment, ...valuesOf(environment) }] as const;
  });
  return { ...configuration, ...Object.fromEntries(changed) };
}

function first(configuration: Configuration, [name]: readonly Name[]): Environment {
  return configuration[name!];
}

function fieldsOf(names: readonly Name[], field: keyof Values): string[] {
  return names.map((name) => `environments/${name}.ts: ${field}`);
}

function listOf(answer: string): string[] {
  return answer
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
