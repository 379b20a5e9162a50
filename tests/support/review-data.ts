import { fileURLToPath } from 'node:url';
import { loadCodebook } from '../../config/codebook.js';

/** The codebook of the sample world with names and acts, as a folder. */
export const REVIEW_CODEBOOK_DIR = fileURLToPath(new URL('../fixtures/review-codebook', import.meta.url));

/** What the coder needs to read the sample world. */
export const REVIEW_DATA = loadCodebook(REVIEW_CODEBOOK_DIR).data;
