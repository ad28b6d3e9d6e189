import { Stack } from 'aws-cdk-lib';
import { AwsCustomResource } from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/**
 * Explains the function that makes the calls of custom resources: the library's own, one for all such calls of a stack.
 * `service` is what it calls.
 */
export function acknowledgeCaller(scope: Construct, service: string): void {
  const id = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll('-', '')}`;
  const caller = Stack.of(scope).node.findChild(id);
  acknowledge(
    caller,
    'It lets the function write its log, and nothing else.',
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]',
  );
  acknowledge(
    caller,
    'CloudFormation calls it once in a deployment, waits for its answer and tells of a failure.',
    'NIST.800.53.R5-LambdaConcurrency',
    'NIST.800.53.R5-LambdaDLQ',
  );
  acknowledge(
    caller,
    `It calls ${service} alone, and reaches nothing inside a VPC.`,
    'NIST.800.53.R5-LambdaInsideVPC',
    'cdk-validator-cfnguard::lambda_inside_vpc_check',
  );
}
