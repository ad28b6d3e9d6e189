/** Who deploys a service, in the words that CodeDeploy and ECS have in common. */

/** A deployment to begin. */
export interface Deployment {
  /** Of the environment, such as `crossbook-staging`. */
  readonly prefix: string;
  readonly service: string;
  readonly taskDefinitionArn: string;
  /** The function that looks at the new tasks first; empty where none run. ECS has it with the service. */
  readonly hook: string;
}

export interface Deployer {
  /** The task definition whose tasks get the traffic now; undefined while nobody knows. */
  readonly running: (prefix: string, service: string) => string | undefined;
  /** Begins a deployment and returns its name. */
  readonly begin: (deployment: Deployment) => Promise<string>;
  /** Waits until a deployment has ended, and tells of every change; returns why it failed, or undefined. */
  readonly failure: (deployment: string, tell: (line: string) => void) => Promise<string | undefined>;
}
