// The version of the product, from its one place.

import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
