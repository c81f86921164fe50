/** How the program starts on a Node.js that is there already. */
import { answeredQuickly } from './quick-answer.ts';

if (!answeredQuickly()) void import('./main.ts');
