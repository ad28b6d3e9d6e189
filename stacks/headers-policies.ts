import { Duration } from 'aws-cdk-lib';
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
  type ResponseSecurityHeadersBehavior,
} from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';

/** Two years, what the preload list of browsers asks for: https://hstspreload.org. */
const transportSecurity = Duration.days(2 * 365);

/** The headers that tell browsers what not to do with an answer. */
export class HeadersPolicies extends Construct {
  readonly pages: ResponseHeadersPolicy;
  readonly api: ResponseHeadersPolicy;
  /** Without the weight that was counted for whoever asked first. */
  readonly cached: ResponseHeadersPolicy;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const { domain } = environment;
    this.pages = this.#policy('Pages', {
      // `'self'` means no WebSocket to every browser, hence the names.
      contentSecurityPolicy: `default-src 'self'; connect-src 'self' wss://${domain} wss://www.${domain} wss://api.${domain}; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
    });
    const nothing = "default-src 'none'; frame-ancestors 'none'";
    // The one page among the answers says what it needs.
    this.api = this.#policy('Api', { contentSecurityPolicy: nothing, unlessGiven: true });
    this.cached = this.#policy('Cached', {
      contentSecurityPolicy: nothing,
      removeHeaders: ['X-MBX-USED-WEIGHT', 'X-MBX-USED-WEIGHT-1M'],
    });
  }

  #policy(
    id: string,
    options: { contentSecurityPolicy: string; unlessGiven?: true; removeHeaders?: string[] },
  ): ResponseHeadersPolicy {
    const { contentSecurityPolicy, unlessGiven = false, removeHeaders } = options;
    return new ResponseHeadersPolicy(this, id, {
      securityHeadersBehavior: {
        ...everywhere,
        contentSecurityPolicy: { contentSecurityPolicy, override: !unlessGiven },
      },
      customHeadersBehavior: { customHeaders: [permissions] },
      removeHeaders,
    });
  }
}

const everywhere: ResponseSecurityHeadersBehavior = {
  strictTransportSecurity: {
    accessControlMaxAge: transportSecurity,
    includeSubdomains: true,
    preload: true,
    override: true,
  },
  contentTypeOptions: { override: true },
  frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
  referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true },
};

const permissions = {
  header: 'Permissions-Policy',
  value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  override: true,
};
