/** What a release changes behind CloudFormation's back, as it should: that is no drift. */

export interface ResourceDrift {
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceType: string;
  /** `MODIFIED` or `DELETED`. */
  readonly StackResourceDriftStatus: string;
  readonly PropertyDifferences?: readonly PropertyDifference[];
}

interface PropertyDifference {
  /** Such as `/DefaultActions/0/TargetGroupArn`. */
  readonly PropertyPath: string;
  readonly ExpectedValue: string;
  readonly ActualValue: string;
}

/** CodeDeploy moves listeners from blue to green and back; scaling and CodeDeploy own a service's tasks. */
const owned: Readonly<Record<string, RegExp>> = {
  'AWS::ElasticLoadBalancingV2::Listener': /^\/DefaultActions\b/,
  'AWS::ECS::Service': /^\/(TaskDefinition|DesiredCount|LoadBalancers|PlatformVersion)\b/,
};

/** The differences that nobody meant; none when all are a release's own. */
export function unmeantDifferences(drift: ResourceDrift): readonly string[] {
  const { ResourceType, StackResourceDriftStatus, PropertyDifferences = [] } = drift;
  const resource = `${drift.LogicalResourceId} (${ResourceType})`;
  if (StackResourceDriftStatus === 'DELETED') return [`${resource} was deleted`];
  return PropertyDifferences.filter(({ PropertyPath }) => !owned[ResourceType]?.test(PropertyPath)).map(
    ({ PropertyPath, ExpectedValue, ActualValue }) =>
      `${resource}${PropertyPath}: it is ${ActualValue}, and was to be ${ExpectedValue}`,
  );
}
