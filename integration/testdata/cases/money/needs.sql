set lc_monetary = 'de_DE.UTF-8';
