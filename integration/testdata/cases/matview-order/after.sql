select n from aa; select n from ab
