/** Sizes that most families have. */
const ordinarySizes = ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'] as const;

/** Families with their sizes. */
type Classes = Readonly<Record<string, readonly string[]>>;

/**
 * What Aurora PostgreSQL runs on; g is Graviton, i is Intel. Not all there is: what a fork would choose today.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html
 */
export const databaseClasses: Classes = {
  t4g: ['medium', 'large'],
  r6g: ordinarySizes,
  r6i: [...ordinarySizes, '24xlarge', '32xlarge'],
  r7g: ordinarySizes,
  r8g: [...ordinarySizes, '24xlarge', '48xlarge'],
};

/** What Valkey runs on: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
export const cacheClasses: Classes = {
  t4g: ['micro', 'small', 'medium'],
  m6g: ordinarySizes,
  m7g: ordinarySizes,
  r6g: ordinarySizes,
  r7g: ordinarySizes,
};

/** Whether `family.size` is one of them. */
export function isClass(name: string, classes: Classes): boolean {
  const [family = '', size = '', ...rest] = name.split('.');
  return rest.length === 0 && Object.hasOwn(classes, family) && classes[family]!.includes(size);
}

/** All of them, as `t4g.{medium,large}`. */
export function listed(classes: Classes): string {
  return Object.entries(classes)
    .map(([family, sizes]) => `${family}.{${sizes.join(',')}}`)
    .join(', ');
}
