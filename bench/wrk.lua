-- Asks what the lines of a file say one after the other, again and again, and prints what came of
-- it as one line of JSON. A line is an address, or an address, a tab, and what is posted to it.
-- wrk -t1 -c32 ... -s wrk.lua http://127.0.0.1:8000 -- FILE 32
--
-- All connections are made before the first request: a server may accept but one between two
-- rounds of requests, and those who wait for that would be the slowest of a short measurement.
local CONNECT_MS = 200
local threads = {}
local asked = {}
local connections
local waited = 0
sent = 0 -- read by done() through the thread

function setup(thread)
   threads[#threads + 1] = thread
end

function init(args)
   for line in io.lines(args[1]) do
      local address, posted = line:match("^([^\t]*)\t(.*)$")
      if address then
         asked[#asked + 1] = wrk.format("POST", address, nil, posted)
      else
         asked[#asked + 1] = wrk.format("GET", line)
      end
   end
   connections = tonumber(args[2])
end

function delay()
   if waited < connections then
      waited = waited + 1
      return CONNECT_MS
   end
   return 0
end

function request()
   sent = sent + 1
   return asked[(sent - 1) % #asked + 1]
end

function done(summary, latency, _)
   local all = 0
   for _, thread in ipairs(threads) do
      all = all + thread:get("sent")
   end
   local errors = summary.errors
   io.write(string.format(
      '{"sent": %d, "answered": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, '
         .. '"refused": %d, "broken": %d}\n',
      all, summary.requests, summary.duration - CONNECT_MS * 1000,
      latency:percentile(50), latency:percentile(99),
      errors.status, errors.connect + errors.read + errors.write))
end
