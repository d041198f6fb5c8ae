-- SPDX-License-Identifier: GPL-3.0-or-later
-- wrk -s requests.lua URL -- FILE: sends the requests of FILE in turn; prints what came of them as JSON.
-- FILE: per request a line "METHOD PATH BODY-BYTES", header lines, an empty line, the body, a newline.
local requests, at = {}, 0

function init(args)
    local file = assert(io.open(args[1], "rb"))
    for first in file:lines() do
        local method, path, bytes = first:match("^(%S+) (%S+) (%d+)$")
        local headers = {}
        for line in file:lines() do
            if line == "" then break end
            local name, value = line:match("^([^:]+): (.*)$")
            headers[name] = value
        end
        local body = bytes ~= "0" and file:read(tonumber(bytes)) or nil
        file:read(1)
        requests[#requests + 1] = wrk.format(method, path, headers, body)
    end
    file:close()
end

function request()
    at = at % #requests + 1
    return requests[at]
end

function done(summary, latency)
    local e = summary.errors
    print(string.format('{"requests":%d,"us":%d,"errors":%d,"p50":%d,"p99":%d}', summary.requests, summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
