import { Duration } from 'aws-cdk-lib';
import {
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  OriginRequestCookieBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  OriginRequestQueryStringBehavior,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import type { Environment } from '#environments/environment.ts';
import { HeadersPolicies } from './headers-policies.ts';

/** What CloudFront hands on and keeps of a request. */
type Handling = Omit<BehaviorOptions, 'origin'>;

/** What CloudFront writes itself, whatever the client says. */
const clientAddress = 'CloudFront-Viewer-Address';

/** How CloudFront handles each kind of request on its way. */
export class Forwarding extends Construct {
  /** The files of the pages: by the path alone, for as long as their names stay. */
  readonly pages: Handling;
  /** To API Gateway, which knows itself by the header Host. */
  readonly api: Handling;
  /** Straight to a service: every header, cookie and byte of the query as the client wrote them, for they are signed. */
  readonly direct: Handling;
  /** Straight to a service, which answers each query once a second however many ask. */
  readonly cached: Handling;

  constructor(scope: Construct, id: string, environment: Environment) {
    super(scope, id);
    const headers = new HeadersPolicies(this, 'Headers', environment);
    this.pages = {
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      compress: true,
      responseHeadersPolicy: headers.pages,
    };
    this.api = {
      ...uncached,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: headers.api,
    };
    this.direct = {
      ...uncached,
      originRequestPolicy: this.#asWritten(),
      responseHeadersPolicy: headers.api,
    };
    this.cached = {
      ...uncached,
      compress: true,
      cachePolicy: this.#oneSecond(),
      originRequestPolicy: new OriginRequestPolicy(this, 'FromWhere', {
        comment: 'The address that the client came from',
        headerBehavior: OriginRequestHeaderBehavior.allowList(clientAddress),
      }),
      responseHeadersPolicy: headers.cached,
    };
  }

  #asWritten(): OriginRequestPolicy {
    return new OriginRequestPolicy(this, 'AsWritten', {
      comment: 'All that the client sent, and the address it came from',
      headerBehavior: OriginRequestHeaderBehavior.all(clientAddress),
      cookieBehavior: OriginRequestCookieBehavior.all(),
      queryStringBehavior: OriginRequestQueryStringBehavior.all(),
    });
  }

  #oneSecond(): CachePolicy {
    return new CachePolicy(this, 'OneSecond', {
      comment: 'Public market data, by its query',
      minTtl: Duration.seconds(0), // an answer that says no-store is not stored
      defaultTtl: Duration.seconds(1),
      maxTtl: Duration.seconds(1),
      queryStringBehavior: CacheQueryStringBehavior.all(),
      headerBehavior: CacheHeaderBehavior.none(),
      cookieBehavior: CacheCookieBehavior.none(),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
  }
}

/**
 * Plain HTTP is refused, rather than sent again: it would have told all. Every method passes, for the service to refuse
 * in its own words; only GET and HEAD are ever cached.
 */
const uncached: Handling = {
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  compress: false,
};
