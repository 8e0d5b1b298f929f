// npm run build: dependencies, generated code, all packages and the page.
import { checkNode, ensureBuild, ensureDependencies } from './lib/setup.mjs';

checkNode();
ensureDependencies();
ensureBuild({ force: true });
