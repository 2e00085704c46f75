#!/usr/bin/env node
import '../dist/headwater.js';
