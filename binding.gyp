{
  'targets': [
    {
      'target_name': 'tapspot',
      'sources': [
        'native/addon.cc',
        'native/devices.cc',
        'native/filter.cc',
        'native/libpcap.cc',
        'native/notify.cc',
        'native/tap.cc',
      ],
      'include_dirs': ["<!@(node -p \"require('node-addon-api').include\")"],
      'defines': ['NAPI_VERSION=8', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_ADDON_API_DISABLE_DEPRECATED'],
      'cflags': ['-fvisibility=hidden', '-fstack-protector-strong', '-Wall', '-Wextra'],
      'cflags_cc': ['-std=c++20', '-fno-exceptions'],
      'cflags!': ['-O3'],
      'configurations': {
        'Release': {
          'cflags': ['-O2', '-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2'],
        },
      },
      'ldflags': ['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack'],
      # libpcap is looked up at run time (native/libpcap.h).
      'libraries': ['-ldl', '-pthread'],
    },
  ],
}
