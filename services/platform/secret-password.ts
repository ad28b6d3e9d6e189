/** Passwords that lie in AWS Secrets Manager. */
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { z } from 'zod';

const secretSchema = z.object({ password: z.string().min(1) });

/**
 * Reads the password in a secret, `{"password": "…"}`, at each call: it may have been rotated since the last.
 * @throws by the returned function, when there is no such secret, or it is not of that form.
 */
export function secretPassword(secret: string): () => Promise<string> {
  const manager = new SecretsManagerClient();
  return async () => {
    const { SecretString = '' } = await manager.send(new GetSecretValueCommand({ SecretId: secret }));
    return passwordIn(secret, SecretString);
  };
}

/** The parser's own message would show what it could not read. */
function passwordIn(secret: string, text: string): string {
  try {
    return secretSchema.parse(JSON.parse(text)).password;
  } catch {
    throw new Error(`the secret ${secret} must be {"password": "…"}`);
  }
}
