// SPDX-License-Identifier: MIT
//     lamps [port]
//
//     curl -c jar -d 'password=fiat lux' http://127.0.0.1:8000/log-in
//     curl -b jar -X PUT http://127.0.0.1:8000/lamps/hall/40
//     curl http://127.0.0.1:8000/events
#include <cstdlib>

#include "lamps.h"
#include "run_on_linux.h"

int main(int argc, char** argv) {
  const int port = argc > 1 ? std::atoi(argv[1]) : 8000;
  const wherry::Cors cors(kLampPages);
  return run_on_linux(kLamps, wherry::Limits(), ".", "127.0.0.1", static_cast<std::uint16_t>(port),
                      &cors);
}
