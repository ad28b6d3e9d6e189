import { expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { authorizerCheckBundle } from '#stacks/authorizer-check.ts';
import { bundledCode } from '#stacks/bundle.ts';
import { appWithFlags } from './synthesize.ts';

it('is another program for each entry, also of two in one folder', () => {
  const stack = new Stack(appWithFlags(['**']), 'stack');
  let made = 0;
  const keyOf = (entry: string) =>
    bundledCode({ entry }).bind(new Construct(stack, String(made++))).s3Location!.objectKey;
  expect(keyOf(authorizerCheckBundle.entry)).not.toBe(keyOf('services/release-check/main.ts'));
  expect(keyOf('services/release-check/main.ts')).toBe(keyOf('services/release-check/main.ts'));
});
