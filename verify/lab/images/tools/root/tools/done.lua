-- What wrk prints in the end, in one line: requests, seconds, seconds at the 50th and 99th percentile, and errors.
function done(summary, latency)
  local failed = summary.errors
  local errors = failed.connect + failed.read + failed.write + failed.status + failed.timeout
  print(summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6, errors)
end
