import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const features = ['home', 'bot', 'campaign', 'message', 'contact', 'audience', 'workspace'];

/** What files of a layer may not import: lib, api, words and ui are used by features, features by app. */
const denied = (patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

const said = 'The server speaks English: ui/said says a refusal in the language of the reader.';

export default tseslint.config(
  { ignores: ['dist', 'src/api/generated', 'node_modules'] },
  ...tseslint.configs.strict,
  hooks.configs.flat['recommended-latest'],
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', { max: 250 }],
      'no-restricted-syntax': [
        'error',
        { selector: "JSXAttribute[name.name='style']", message: 'A CSS module or a prop of Mantine says how it looks.' },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'No HTML is set from data.' },
        { selector: "MemberExpression[object.callee.name='refusalOf'][property.name='message']", message: said },
        { selector: "VariableDeclarator[init.callee.name='refusalOf'] Property[key.name='message']", message: said },
      ],
    },
  },
  { files: ['src/{lib,api,words,ui}/**'], rules: denied([{ group: ['@/features/*', '@/app/*'], message: 'Features use this, not the other way round.' }]) },
  ...features.map((name) => ({
    files: [`src/features/${name}/**`],
    rules: denied([
      { group: ['@/app/*'], message: 'The app uses features, not the other way round.' },
      { group: features.filter((other) => other !== name).map((other) => `@/features/${other}/*`), message: 'Features do not use each other: what they share is in ui, lib or api.' },
    ]),
  })),
);
