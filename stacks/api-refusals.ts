import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';

/** Has API Gateway refuse in the words of the services' API: `services/accounts/refusal.ts`. */
export function addRefusals(api: RestApi): void {
  for (const [id, type, statusCode, code, message] of refusals)
    api.addGatewayResponse(id, {
      type,
      statusCode,
      templates: { 'application/json': JSON.stringify({ code, message }) },
      responseHeaders: statusCode === '401' ? { 'WWW-Authenticate': "'Bearer'" } : undefined,
    });
}

const noToken = 'There is no valid access token: log in and send it as Authorization: Bearer <token>.';
const noVerdict = 'Access tokens cannot be checked just now: try again in a moment.';

const refusals = [
  ['NoToken', ResponseType.UNAUTHORIZED, '401', 'UNAUTHENTICATED', noToken],
  ['BadToken', ResponseType.ACCESS_DENIED, '401', 'UNAUTHENTICATED', noToken],
  ['NoVerdict', ResponseType.AUTHORIZER_FAILURE, '503', 'UNAVAILABLE', noVerdict],
  ['NoAuthorizer', ResponseType.AUTHORIZER_CONFIGURATION_ERROR, '503', 'UNAVAILABLE', noVerdict],
  [
    'NoRoute',
    ResponseType.MISSING_AUTHENTICATION_TOKEN, // what API Gateway calls an unknown path
    '404',
    'UNKNOWN_ROUTE',
    'There is nothing here: check method and path.',
  ],
] as const;
