import { Stack, type StackProps } from 'aws-cdk-lib';
import { CfnAnalyzer } from 'aws-cdk-lib/aws-accessanalyzer';
import { CfnDetector } from 'aws-cdk-lib/aws-guardduty';
import type { Construct } from 'constructs';
import { type Environment, prefixOf } from '#environments/environment.ts';
import { acknowledge } from './acknowledge.ts';
import { ConfigRecorder } from './config-recorder.ts';
import { FindingAlerts } from './finding-alerts.ts';
import { SecurityHub } from './security-hub.ts';

export interface SecurityStackProps extends StackProps {
  readonly environment: Environment;
}

/** What watches one account in one region, each part unless the organization has it already. */
export class SecurityStack extends Stack {
  constructor(scope: Construct, id: string, props: SecurityStackProps) {
    super(scope, id, props);
    const { environment } = props;
    const { guards } = environment;
    if (guards.guardDuty) this.#guardDuty();
    if (guards.accessAnalyzer) this.#accessAnalyzer(environment);
    const recorder = guards.config ? new ConfigRecorder(this, 'Config', environment) : undefined;
    if (guards.securityHub) {
      const hub = new SecurityHub(this, 'Hub');
      if (recorder) hub.node.addDependency(recorder); // its controls read what the recorder recorded
    }
    if (guards.guardDuty || guards.securityHub) new FindingAlerts(this, 'Alerts', environment);
  }

  /** False where the organization has all of it: CloudFormation knows no empty stack. */
  static isNeeded({ guards }: Environment): boolean {
    return guards.guardDuty || guards.accessAnalyzer || guards.config || guards.securityHub;
  }

  /** https://docs.aws.amazon.com/guardduty/latest/ug/guardduty-features-activation-model.html */
  #guardDuty(): void {
    const enabled = (name: string) => ({ name, status: 'ENABLED' });
    const detector = new CfnDetector(this, 'GuardDuty', {
      enable: true,
      findingPublishingFrequency: 'FIFTEEN_MINUTES',
      features: [
        enabled('S3_DATA_EVENTS'),
        enabled('RDS_LOGIN_EVENTS'),
        enabled('LAMBDA_NETWORK_LOGS'),
        {
          ...enabled('RUNTIME_MONITORING'),
          additionalConfiguration: [enabled('ECS_FARGATE_AGENT_MANAGEMENT')],
        },
      ],
    });
    acknowledge(
      detector,
      'It looks for the property from before features, which excludes them; S3_DATA_EVENTS is the same.',
      'cdk-validator-cfnguard::guardduty_s3_protection_enabled_check',
    );
  }

  /** What anyone outside the account could reach. */
  #accessAnalyzer(environment: Environment): void {
    new CfnAnalyzer(this, 'AccessAnalyzer', { type: 'ACCOUNT', analyzerName: prefixOf(environment) });
  }
}
