/**
 * From a request's path to the handler that answers it, and which web pages may see the answer.
 * It must not know how any of them answers, nor what carries requests.
 */
@NullMarked
package io.switchboard.http.routing;

import org.jspecify.annotations.NullMarked;
