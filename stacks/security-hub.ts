import { Stack } from 'aws-cdk-lib';
import { CfnHub, CfnSecurityControl, CfnStandard } from 'aws-cdk-lib/aws-securityhub';
import { Construct } from 'constructs';

/** https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html */
const standards = {
  BestPractices: 'aws-foundational-security-best-practices/v/1.0.0',
  Cis: 'cis-aws-foundations-benchmark/v/5.0.0',
};

/** Security Hub CSPM: what the account does otherwise than AWS and CIS advise. */
export class SecurityHub extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const hub = new CfnHub(this, 'Hub', {
      enableDefaultStandards: false, // those below, in their versions
      autoEnableControls: true,
      controlFindingGenerator: 'SECURITY_CONTROL', // one finding, however many standards ask for it
    });
    let before: CfnHub | CfnStandard = hub;
    for (const [name, standard] of Object.entries(standards)) {
      const standardsArn = `arn:aws:securityhub:${Stack.of(this).region}::standards/${standard}`;
      const next = new CfnStandard(this, name, { standardsArn });
      next.addResourceDependency(before); // one after the other: Security Hub refuses two changes at once
      before = next;
    }
    this.#recorderRole().addResourceDependency(before);
  }

  /** Config records with a role of ours, which has the permission boundary, rather than with the service's own. */
  #recorderRole(): CfnSecurityControl {
    return new CfnSecurityControl(this, 'RecorderRole', {
      securityControlId: 'Config.1',
      lastUpdateReason: 'The recorder has a role of its own within the permission boundary',
      parameters: {
        includeConfigServiceLinkedRoleCheck: { valueType: 'CUSTOM', value: { boolean: false } },
      },
    });
  }
}
