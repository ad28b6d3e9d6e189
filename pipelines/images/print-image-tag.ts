/** Prints the tag of a service's image: `npm run --silent image-tag -- orders`. */
import { services } from '#stacks/services.ts';
import { imageTag } from './image-inputs.ts';

const [service = ''] = process.argv.slice(2);
if (service in services) process.stdout.write(`${imageTag(process.cwd(), service)}\n`);
else {
  process.stderr.write(`"${service}" is no service; put one of ${Object.keys(services).join(', ')}\n`);
  process.exitCode = 2;
}
