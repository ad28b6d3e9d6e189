/** The CDK app of one preview: `node app.ts <name> <digest> <expires>`, as `deploy-preview.ts` starts it. */
import { App } from 'aws-cdk-lib';
import { delivery } from '#environments/delivery.ts';
import { previews } from '#environments/previews.ts';
import { PreviewStack } from '#stacks/preview-stack.ts';

const [name = '', digest = '', expires = ''] = process.argv.slice(2);
if (previews === undefined) throw new Error('environments/previews.ts says that there are none');
new PreviewStack(new App(), {
  previews,
  name,
  digest,
  expiresAt: new Date(expires),
  registry: delivery,
});
