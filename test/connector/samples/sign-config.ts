import { SignConfig } from '@livetap/connector';

SignConfig.apiKey = 'your api key'; // An API key created at https://www.eulerstream.com
SignConfig.basePath = 'https://your-custom-sign-server.com';
SignConfig.baseOptions = SignConfig.baseOptions || {};
SignConfig.baseOptions.headers = {
  ...(SignConfig.baseOptions.headers || {}),
  'X-Custom-Header': 'Custom-Header-Value',
};
