import {
  Capability,
  ContainerDefinition,
  ContainerImage,
  type FargateTaskDefinition,
  LinuxParameters,
  type LogDriver,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** AWS's own build of the OpenTelemetry collector. https://github.com/aws-observability/aws-otel-collector/releases */
const collectorImage = 'public.ecr.aws/aws-observability/aws-otel-collector:v0.48.0';

/** MiB. It holds spans for a moment only; past this it drops them, and the service does not notice. */
export const telemetryMemoryMiB = 128;

/** Takes spans from the service over loopback, and hands them to X-Ray. */
const collectorConfig = `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:4318' } } } }
processors: { memory_limiter: { check_interval: 1s, limit_mib: 100 }, batch: {} }
exporters: { awsxray: {} }
service: { pipelines: { traces: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [awsxray] } } }
`.trim();

/** The collector beside a service's container. When it ends, the service goes on without traces. */
export function addTelemetrySidecar(definition: FargateTaskDefinition, logging: LogDriver): void {
  const linuxParameters = new LinuxParameters(definition, 'TelemetryLinux');
  linuxParameters.dropCapabilities(Capability.ALL);
  new ContainerDefinition(definition, 'Telemetry', {
    containerName: 'telemetry',
    taskDefinition: definition,
    image: ContainerImage.fromRegistry(collectorImage),
    essential: false,
    user: '1000:1000',
    readonlyRootFilesystem: true,
    linuxParameters,
    memoryLimitMiB: telemetryMemoryMiB,
    environment: { AOT_CONFIG_CONTENT: collectorConfig },
    logging,
  });
  definition.addToTaskRolePolicy(
    new PolicyStatement({
      actions: [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      resources: ['*'], // X-Ray has no resources to name
    }),
  );
}
