/** What a scan of an image found, as `aws ecr describe-image-scan-findings` prints it. */

/** Only these end a release: what is less severe is listed in the console, and mended in time. */
const severities = ['CRITICAL', 'HIGH'] as const;

interface Attribute {
  readonly key: string;
  readonly value?: string;
}

interface BasicFinding {
  readonly name: string;
  readonly severity: string;
  readonly attributes?: readonly Attribute[];
}

interface EnhancedFinding {
  readonly title: string;
  readonly severity: string;
}

export interface Scan {
  readonly imageScanStatus: { readonly status: string; readonly description?: string };
  readonly imageScanFindings?: {
    /** Of ECR's own scan. */
    readonly findings?: readonly BasicFinding[];
    /** Of Amazon Inspector. */
    readonly enhancedFindings?: readonly EnhancedFinding[];
  };
}

/**
 * A line for each reason not to release the image; none when there is no reason.
 * A scan that did not end well is a reason too: nobody knows what is in the image.
 */
export function reasonsAgainst({ imageScanStatus, imageScanFindings = {} }: Scan): string[] {
  const { status, description = 'no reason given' } = imageScanStatus;
  // An image that Inspector watches goes on being scanned.
  if (status !== 'COMPLETE' && status !== 'ACTIVE') return [`the scan is ${status}: ${description}`];
  const { findings = [], enhancedFindings = [] } = imageScanFindings;
  const all = [
    ...findings.map(({ name, severity, attributes = [] }) => ({
      severity,
      text: `${name} in ${attribute(attributes, 'package_name')} ${attribute(attributes, 'package_version')}`,
    })),
    ...enhancedFindings.map(({ title, severity }) => ({ severity, text: title })),
  ];
  return severities.flatMap((grave) =>
    all.filter(({ severity }) => severity === grave).map(({ text }) => `${grave}: ${text}`),
  );
}

function attribute(attributes: readonly Attribute[], name: string): string {
  return attributes.find(({ key }) => key === name)?.value ?? '?';
}
