import { describe, expect, it } from '@jest/globals';
import { dev } from '#environments/dev.ts';
import { faultsWith } from './faults-with.ts';

describe('the database', () => {
  it.each(['r8g', 'large', 'db.r8g.large', 'r8g.huge', 'r8g.large.x', 'constructor.name', 'm5.large', ''])(
    'has no instance class %p',
    (instance) => {
      expect(faultsWith(dev, { database: { ...dev.database, instance } })).toEqual([
        expect.stringMatching(
          `^environments/dev.ts: database.instance: ${JSON.stringify(instance)} is not family.size of a class in environments/instance-classes.ts; put one, without "db.", of t4g.{medium,large}, `,
        ),
      ]);
    },
  );

  it.each([
    ['readers', -1, 0, 15],
    ['readers', 16, 0, 15],
    ['readers', 0.5, 0, 15],
    ['backupDays', 0, 1, 35],
    ['backupDays', 36, 1, 35],
  ])('has no %s %p', (field, value, least, most) => {
    expect(faultsWith(dev, { database: { ...dev.database, [field]: value } })).toEqual([
      `environments/dev.ts: database.${field}: ${value} is not a whole number from ${least} to ${most}; put one that is`,
    ]);
  });
});

describe('the cache', () => {
  it('has no node that ElastiCache has not', () => {
    expect(faultsWith(dev, { cache: { ...dev.cache, node: 't4g.large' } })).toEqual([
      expect.stringMatching(
        /^environments\/dev\.ts: cache\.node: "t4g\.large" is not family\.size of a class in environments\/instance-classes\.ts; put one, without "cache\.", of t4g\.{micro,small,medium}, /,
      ),
    ]);
  });

  it.each([
    ['shards', 0, 1, 90],
    ['shards', 91, 1, 90],
    ['replicas', -1, 0, 5],
    ['replicas', 6, 0, 5],
  ])('has no %s %p', (field, value, least, most) => {
    expect(faultsWith(dev, { cache: { ...dev.cache, [field]: value } })).toEqual([
      `environments/dev.ts: cache.${field}: ${value} is not a whole number from ${least} to ${most}; put one that is`,
    ]);
  });

  it('is there wherever something runs', () => {
    expect(faultsWith(dev, { cache: undefined })).toEqual([
      'environments/dev.ts: cache: is missing, and its services run; put its node, shards and replicas',
    ]);
  });
});
