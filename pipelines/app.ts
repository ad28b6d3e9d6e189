/** The CDK app: `cdk.json` starts it. */
import { App } from 'aws-cdk-lib';
import { checkDelivery, delivery, pipelineStackName } from '#environments/delivery.ts';
import { dev } from '#environments/dev.ts';
import { dr } from '#environments/dr.ts';
import { checkEnvironments } from '#environments/environment.ts';
import { checkPreviews, previews } from '#environments/previews.ts';
import { prod } from '#environments/prod.ts';
import { staging } from '#environments/staging.ts';
import { PipelineStack } from './pipeline-stack.ts';

checkDelivery(delivery);
checkEnvironments([dev, staging, prod, dr]);
checkPreviews(previews, delivery);

new PipelineStack(new App(), pipelineStackName, {
  delivery,
  dev,
  staging,
  prod,
  dr,
  previews,
});
