/** Blue is what runs; green is what is to run. */
export type Side = 'blue' | 'green';
