/** `npm run openapi`: writes the description of the API anew, for accounts to serve. */
import { writeFile } from 'node:fs/promises';
import { DESCRIPTION_FILE } from '#services/accounts/api-docs/description.ts';
import { describe } from './describe.ts';
import { describedServices } from './services.ts';

await writeFile(DESCRIPTION_FILE, `${JSON.stringify(await describe(describedServices), null, 2)}\n`);
