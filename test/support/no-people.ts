/** For a service of which no test is a person: whoever sent a token would be told that nobody can be recognized. */
export const noPeople = {
  JWKS_URL: 'http://127.0.0.1:9/keys',
  TOKEN_ISSUER: 'https://exchange.example',
  SESSIONS_TABLE: '',
  DYNAMODB_ENDPOINT: '',
  TRANSACTION_HISTORY_TABLE: 'unused',
};
