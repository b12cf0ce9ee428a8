/**
 * What the store's refusals are called, in one place for every transport: which code of the catalogue, in
 * which words. It must not know how a transport says it.
 */
@NullMarked
package io.switchboard.http.outcome;

import org.jspecify.annotations.NullMarked;
